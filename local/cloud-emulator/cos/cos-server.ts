import { createHash, randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { CosError } from "./cos-error.ts";
import { openCosObjects, type CosObjects } from "./cos-objects.ts";
import { readPostForm } from "./cos-post-form.ts";
import { answerRead } from "./cos-read.ts";
import { errorXml, listingXml, postedXml } from "./cos-xml.ts";
import { listenOnLoopback, readBody } from "../emulator-http.ts";
import { checkQSignature } from "./q-signature.ts";
import type { SecretPair } from "../scf/tc3-signature.ts";

export type CosServerOptions = {
  readonly keys: SecretPair;
  readonly bucket: string;
  /** Objects live here. */
  readonly dir: string;
  readonly now?: () => number;
};

export type CosServer = {
  readonly endpoint: string;
  /** An object for the cloud's own use, as SCF reads code packages; null when there is none. */
  read(key: string): Promise<Buffer | null>;
  close(): Promise<void>;
};

/** The store takes 5 GB in one request; nothing here needs a hundredth of it. */
const BODY_BYTES_MAX = 100 * 1024 * 1024;
const LIST_KEYS_MAX = 1000;

type Exchange = {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly options: CosServerOptions;
  readonly objects: CosObjects;
  readonly nowMs: number;
};

/**
 * The XML API of COS (436/7751) on loopback for one private bucket, addressed as http://endpoint/bucket/key:
 * PUT, GET with ranges, HEAD, DELETE, POST forms, the bucket's list and CORS, each with its signature verified.
 */
export async function startCosServer(options: CosServerOptions): Promise<CosServer> {
  const objects = await openCosObjects(options.dir);
  const server = await listenOnLoopback(async (request, response) => {
    const requestId = randomUUID().replaceAll("-", "");
    const nowMs = (options.now ?? Date.now)();
    const [path = "/", search = ""] = (request.url ?? "/").split("?", 2);
    const query = new URLSearchParams(search);
    const exchange = { request, response, requestId, path, query, options, objects, nowMs };
    response.setHeader("x-cos-request-id", requestId);
    response.setHeader("date", new Date(nowMs).toUTCString());
    if (request.headers.origin) allowOrigin(response, request.headers.origin);
    try {
      await answer(exchange);
    } catch (error) {
      sendError(exchange, error);
    }
  });
  return {
    ...server,
    async read(key) {
      const facts = await objects.facts(key);
      return facts === null ? null : await objects.read(key, 0, facts.bytes - 1);
    },
  };
}

async function answer(exchange: Exchange): Promise<void> {
  const { request, response, options } = exchange;
  if (request.method === "OPTIONS") return answerPreflight(request, response);
  const [, bucket = "", ...rest] = exchange.path.split("/");
  if (bucket !== options.bucket) {
    throw new CosError("NoSuchBucket", "The specified bucket does not exist.");
  }
  const key = decodePath(rest.join("/"));
  if (request.method === "POST" && key === "") return await answerForm(exchange);

  // Read first, refuse then: a client that is still sending would see a broken pipe instead of the reason.
  const body = await readBody(request, BODY_BYTES_MAX);
  const { method = "", headers } = request;
  const signed = { method, path: `/${key}`, query: exchange.query, headers };
  checkQSignature(signed, options.keys, exchange.nowMs);
  if (body === null) throw new CosError("EntityTooLarge", "The body is too large.");
  if (key === "") return await answerList(exchange);
  switch (method) {
    case "PUT":
      return await answerPut(exchange, key, body);
    case "GET":
    case "HEAD":
      return await answerRead(exchange, key);
    case "DELETE":
      await exchange.objects.delete(key);
      response.writeHead(204).end();
      return;
    default:
      throw new CosError("MethodNotAllowed", "The method is not allowed for this resource.");
  }
}

async function answerPut(exchange: Exchange, key: string, body: Buffer): Promise<void> {
  const { headers } = exchange.request;
  if ([...exchange.query.keys()].some((name) => !name.startsWith("q-"))) {
    throw new CosError("NotImplemented", "The emulated COS knows whole objects only.");
  }
  const md5 = headers["content-md5"];
  if (md5 !== undefined && md5 !== createHash("md5").update(body).digest("base64")) {
    throw new CosError(
      "BadDigest",
      "The Content-MD5 you specified did not match what we received.",
    );
  }
  const kept = Object.entries(headers).filter(
    ([name]) => name.startsWith("x-cos-meta-") || KEPT_HEADERS.has(name),
  );
  const stored = await exchange.objects.put({
    key,
    body,
    contentType: headers["content-type"] ?? "application/octet-stream",
    headers: Object.fromEntries(kept.filter(([, value]) => value).map(([n, v]) => [n, String(v)])),
    forbidOverwrite: headers["x-cos-forbid-overwrite"] === "true",
  });
  exchange.response.writeHead(200, { etag: `"${stored.etag}"`, "content-length": 0 }).end();
}

const KEPT_HEADERS = new Set(["cache-control", "content-disposition"]);

async function answerForm(exchange: Exchange): Promise<void> {
  const { request, response, options, nowMs } = exchange;
  const body = await readBody(request, BODY_BYTES_MAX);
  if (body === null) throw new CosError("EntityTooLarge", "The body is too large.");
  const rules = { bucket: options.bucket, keys: options.keys, nowMs };
  const posted = await readPostForm(request.headers["content-type"] ?? "", body, rules);
  const { key, contentType, headers } = posted;
  const object = { key, contentType, headers, body: posted.body, forbidOverwrite: false };
  const { etag } = await exchange.objects.put(object);
  const location = `http://${request.headers.host}/${options.bucket}/${key}`;
  response.setHeader("etag", `"${etag}"`);
  if (posted.successStatus === 201) {
    return sendXml(response, 201, postedXml({ location, bucket: options.bucket, key, etag }));
  }
  response.writeHead(posted.successStatus, { location, "content-length": 0 }).end();
}

async function answerList({ request, response, query, options, objects }: Exchange): Promise<void> {
  if (request.method === "HEAD") {
    response.writeHead(200).end();
    return;
  }
  if (request.method !== "GET")
    throw new CosError("MethodNotAllowed", "A bucket can be read only.");
  const prefix = query.get("prefix") ?? "";
  const marker = query.get("marker") ?? "";
  const wanted = Number(query.get("max-keys") ?? LIST_KEYS_MAX);
  const keysMax = Math.min(LIST_KEYS_MAX, Math.max(1, Number.isInteger(wanted) ? wanted : 1));
  const after = (await objects.list(prefix)).filter((object) => object.key > marker);
  const page = after.slice(0, keysMax);
  const isTruncated = after.length > page.length;
  const listing = { prefix, marker, keysMax, isTruncated, objects: page, bucket: options.bucket };
  sendXml(response, 200, listingXml(listing));
}

function answerPreflight(request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(200, {
    "access-control-allow-origin": request.headers.origin ?? "*",
    "access-control-allow-methods": "GET, HEAD, PUT, POST, DELETE",
    "access-control-allow-headers": request.headers["access-control-request-headers"] ?? "*",
    "access-control-max-age": "600",
    "content-length": 0,
  });
  response.end();
}

function allowOrigin(response: ServerResponse, origin: string): void {
  response.setHeader("access-control-allow-origin", origin);
  response.setHeader("access-control-expose-headers", "ETag, Content-Length, x-cos-request-id");
  response.setHeader("vary", "Origin");
}

function sendError({ request, response, requestId, path }: Exchange, thrown: unknown): void {
  const text = thrown instanceof Error ? thrown.message : "unknown";
  const error = thrown instanceof CosError ? thrown : new CosError("InternalError", text);
  if (request.method === "HEAD") {
    response.writeHead(error.status).end();
    return;
  }
  sendXml(response, error.status, errorXml(error, path, requestId));
}

function sendXml(response: ServerResponse, status: number, xml: string): void {
  const body = Buffer.from(xml);
  const headers = { "content-type": "application/xml", "content-length": body.byteLength };
  response.writeHead(status, headers);
  response.end(body);
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new CosError("InvalidURI", "Could not parse the specified URI.");
  }
}
