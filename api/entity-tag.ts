/**
 * Whether a client has what the tag names, by `If-None-Match`: a list of tags or `*`, compared weakly (RFC 9110 13.1.2),
 * since whoever compresses on the way makes a tag a weak one.
 */
export function isKnownTag(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  const tags = ifNoneMatch.match(/(?:W\/)?"[^"]*"/g) ?? [];
  return tags.some((tag) => opaqueOf(tag) === opaqueOf(etag));
}

function opaqueOf(tag: string): string {
  return tag.replace(/^W\//, "");
}
