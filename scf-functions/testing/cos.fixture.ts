import { startTestServer, type TestServer } from "./server.fixture.ts";

type StoredEntry = { readonly body: Buffer; readonly headers: Readonly<Record<string, string>> };
export type TestCos = TestServer & { readonly entries: Map<string, StoredEntry> };

/**
 * A server with as much of COS's wire as the functions use (PUT, HEAD, GET with Range), for tests. It
 * checks no signature; keys that begin with `denied/` or `broken/` answer 403 or 500 as COS does.
 */
export async function startTestCos(): Promise<TestCos> {
  const entries = new Map<string, StoredEntry>();
  const server = await startTestServer((request, response) => {
    // "/bucket/key?query"
    const key = decodeURIComponent(request.path.split("?")[0] ?? "").replace(/^\/[^/]+\//, "");
    response.setHeader("x-cos-request-id", "test");
    const fail = (status: number, code: string) => {
      const body = `<Error><Code>${code}</Code><Message>no</Message></Error>`;
      response.writeHead(status, { "Content-Type": "application/xml" });
      response.end(request.method === "HEAD" ? undefined : body);
    };
    if (key.startsWith("denied/")) return fail(403, "AccessDenied");
    if (key.startsWith("broken/")) return fail(500, "InternalError");
    if (request.method === "PUT") {
      const kept = Object.entries(request.headers).filter(
        ([name]) => name.startsWith("x-cos-meta-") || name === "content-type",
      );
      const headers = Object.fromEntries(kept.map(([name, value]) => [name, String(value)]));
      entries.set(key, { body: request.body, headers });
      response.writeHead(200, { ETag: '"1"' });
      response.end();
      return;
    }
    const entry = entries.get(key);
    if (entry === undefined) return fail(404, "NoSuchKey");
    const last = /^bytes=0-(\d+)$/.exec(request.headers.range ?? "")?.[1];
    const part = last === undefined ? entry.body : entry.body.subarray(0, Number(last) + 1);
    response.writeHead(last === undefined ? 200 : 206, {
      ...entry.headers,
      "Content-Length": String(part.byteLength),
      ETag: '"1"',
    });
    response.end(request.method === "HEAD" ? undefined : part);
  });
  return { ...server, entries };
}
