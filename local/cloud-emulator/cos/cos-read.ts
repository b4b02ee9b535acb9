import type { IncomingMessage, ServerResponse } from "node:http";
import { CosError } from "./cos-error.ts";
import type { CosObjects } from "./cos-objects.ts";

type ReadExchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly objects: CosObjects;
};

/** GET and HEAD of one object: whole, or the one range asked for (436/7753). */
export async function answerRead(exchange: ReadExchange, key: string): Promise<void> {
  const { request, response, objects } = exchange;
  const facts = await objects.facts(key);
  if (facts === null) throw new CosError("NoSuchKey", "The specified key does not exist.");
  const range = rangeOf(request.headers.range, facts.bytes);
  const bytes = range === null ? facts.bytes : range.end - range.start + 1;
  const headers: Record<string, string | number> = {
    ...facts.headers,
    "content-type": facts.contentType,
    "content-length": bytes,
    etag: `"${facts.etag}"`,
    "last-modified": new Date(facts.storedAtMs).toUTCString(),
    "accept-ranges": "bytes",
  };
  if (range !== null) headers["content-range"] = `bytes ${range.start}-${range.end}/${facts.bytes}`;
  if (request.method === "HEAD") {
    response.writeHead(200, headers).end();
    return;
  }
  const body = await objects.read(key, range?.start ?? 0, range?.end ?? facts.bytes - 1);
  // Another request may have deleted or replaced the object since its facts were read.
  if (body?.byteLength !== bytes) throw new CosError("InternalError", "The object has changed.");
  response.writeHead(range === null ? 200 : 206, headers);
  response.end(body);
}

type Range = { readonly start: number; readonly end: number };

function rangeOf(header: string | undefined, bytes: number): Range | null {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (match === null || (match[1] === "" && match[2] === "")) return null;
  const last = bytes - 1;
  if (match[1] === "") return { start: Math.max(0, bytes - Number(match[2])), end: last };
  const start = Number(match[1]);
  const end = match[2] === "" ? last : Math.min(Number(match[2]), last);
  if (start > last || start > end) {
    throw new CosError("InvalidRange", "The requested range cannot be satisfied.");
  }
  return { start, end };
}
