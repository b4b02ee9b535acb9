import { listOf, objectOf } from "../shared/provider-error.ts";

/** Where the one picture of an answer is. */
export type FoundPicture =
  | { readonly bytes: Buffer }
  /** Signed, so never logged; maybe no address that may be fetched. */
  | { readonly url: string };

/** Members that hold a list of pictures or the one picture, the usual ones first. */
const HOLDERS = ["data", "images", "output", "result", "results", "choices"] as const;
/** Members that are a picture, or the object that has it. */
const PICTURES = [
  "b64_json",
  "b64",
  "base64",
  "image_base64",
  "url",
  "image_url",
  "image",
  "picture",
] as const;
/** A holder may stand in a holder: `output.choices[0].message.content[0].image`. */
const DEPTH_MAX = 10;
const ITEMS_MAX = 20;
/** Base64 of a JPEG, a PNG or a WebP begins so; what is long enough may be any picture. */
const PICTURE_BASE64 = /^(\/9j\/|_9j_|iVBORw0KGgo|UklGR)/;
const BASE64_LETTERS_MIN = 200;

/**
 * The picture of an answer on OpenAI's wire or Ark's, in any of the forms that services on these wires give it: an
 * address, a data URI, or base64 (with or without a data URI's head, with URL-safe letters, white space or missing
 * padding), under the members that they use. Bytes go before an address, https before anything else. Null when there
 * is none.
 */
export function findPicture(answer: unknown): FoundPicture | null {
  const found = [...candidatesIn(answer, DEPTH_MAX)];
  return (
    found.find((picture) => "bytes" in picture) ??
    found.find((picture) => "url" in picture && picture.url.startsWith("https:")) ??
    found[0] ??
    null
  );
}

function* candidatesIn(value: unknown, depth: number): Generator<FoundPicture> {
  if (typeof value === "string") {
    const picture = pictureOf(value);
    if (picture !== null) yield picture;
    return;
  }
  if (depth === 0) return;
  if (Array.isArray(value)) {
    for (const item of listOf(value).slice(0, ITEMS_MAX)) yield* candidatesIn(item, depth - 1);
    return;
  }
  const members = objectOf(value);
  if (members === null) return;
  for (const name of [...PICTURES, ...HOLDERS, "message", "content"]) {
    if (Object.hasOwn(members, name)) yield* candidatesIn(members[name], depth - 1);
  }
}

function pictureOf(text: string): FoundPicture | null {
  const trimmed = text.trim();
  const head = /^data:(?:image\/[\w.+-]+|application\/octet-stream)?(?:;[\w=.+-]+)*,/i.exec(
    trimmed,
  );
  if (head !== null) return bytesOf(trimmed.slice(head[0].length));
  if (/^[a-z][a-z0-9+.-]*:/i.test(trimmed)) return { url: trimmed };
  const isLikely = PICTURE_BASE64.test(trimmed) || trimmed.length >= BASE64_LETTERS_MIN;
  return isLikely ? bytesOf(trimmed) : null;
}

/** Base64 as services write it; null for what is none. The decoder itself takes what the pattern lets through. */
function bytesOf(text: string): FoundPicture | null {
  // A data URI may be written for an address, with its signs escaped.
  const letters = text.includes("%") ? unescaped(text) : text;
  if (!/^[A-Za-z0-9+/_\s-]+[=\s]*$/.test(letters)) return null;
  return { bytes: Buffer.from(letters, "base64") };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
