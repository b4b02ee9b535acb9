import type { CosError } from "./cos-error.ts";
import type { StoredObject } from "./cos-objects.ts";

export type Listing = {
  readonly bucket: string;
  readonly prefix: string;
  readonly marker: string;
  readonly keysMax: number;
  readonly isTruncated: boolean;
  readonly objects: readonly StoredObject[];
};

/** The body of an error (436/7730). */
export function errorXml(error: CosError, resource: string, requestId: string): string {
  return document("Error", [
    ["Code", error.code],
    ["Message", error.message],
    ["Resource", resource],
    ["RequestId", requestId],
    ["TraceId", requestId],
  ]);
}

/** The body of GET Bucket (436/7734). */
export function listingXml(listing: Listing): string {
  const last = listing.objects.at(-1);
  const members: [string, string][] = [
    ["Name", listing.bucket],
    ["Prefix", listing.prefix],
    ["Marker", listing.marker],
    ["MaxKeys", String(listing.keysMax)],
    ["IsTruncated", String(listing.isTruncated)],
  ];
  if (listing.isTruncated && last) members.push(["NextMarker", last.key]);
  const contents = listing.objects.map((object) =>
    element("Contents", [
      ["Key", object.key],
      ["LastModified", new Date(object.storedAtMs).toISOString()],
      ["ETag", `"${object.etag}"`],
      ["Size", String(object.bytes)],
      ["StorageClass", "STANDARD"],
    ]),
  );
  return document("ListBucketResult", members, contents.join(""));
}

/** The body of POST Object with `success_action_status` 201 (436/14690). */
export function postedXml(members: {
  readonly location: string;
  readonly bucket: string;
  readonly key: string;
  readonly etag: string;
}): string {
  return document("PostResponse", [
    ["Location", members.location],
    ["Bucket", members.bucket],
    ["Key", members.key],
    ["ETag", `"${members.etag}"`],
  ]);
}

function document(name: string, members: readonly [string, string][], more = ""): string {
  return `<?xml version="1.0" encoding="utf-8"?>\n${element(name, members, more)}`;
}

function element(name: string, members: readonly [string, string][], more = ""): string {
  const lines = members.map(([member, value]) => `<${member}>${escape(value)}</${member}>`);
  return `<${name}>${lines.join("")}${more}</${name}>`;
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
