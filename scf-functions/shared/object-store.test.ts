import { describe, expect, test } from "bun:test";
import { createObjectStore } from "./object-store.ts";
import { startTestCos } from "../testing/cos.fixture.ts";
import { startTestServer } from "../testing/server.fixture.ts";

const signal = AbortSignal.timeout(60_000);
const storeAt = (port: number) =>
  createObjectStore({
    bucket: "photos-1250000000",
    region: "ap-guangzhou",
    endpoint: `127.0.0.1:${port}`,
    secretId: "AKIDtest",
    secretKey: "secret",
    sessionToken: undefined,
  });

describe("createObjectStore over the COS SDK", () => {
  test("what is put can be looked at and read, with who made it", async () => {
    await using cos = await startTestCos();
    const store = storeAt(cos.port);
    const body = Buffer.from("some bytes");

    const making = { provider: "preview", model: "m-1", insteadOf: "ark:PROVIDER_UNPAID:openai" };
    await store.put("a/b.jpg", body, { contentType: "image/jpeg", ...making }, signal);

    expect(await store.head("a/b.jpg", signal)).toEqual({ bytes: 10 });
    expect(await store.get("a/b.jpg", 10, signal)).toEqual({ body, ...making });
    expect(cos.entries.get("a/b.jpg")?.headers["content-type"]).toBe("image/jpeg");
    expect(cos.seen[0]?.headers.authorization).toContain("q-ak=AKIDtest");
  });

  test("a missing object is null", async () => {
    await using cos = await startTestCos();
    const store = storeAt(cos.port);

    expect(await store.head("nothing", signal)).toBeNull();
    expect(await store.get("nothing", 10, signal)).toBeNull();
  });

  test("an object above the bound is refused and at most one byte more is read", async () => {
    await using cos = await startTestCos();
    const store = storeAt(cos.port);
    await store.put("big", Buffer.alloc(100_000), { contentType: "image/png" }, signal);

    const reading = store.get("big", 99_999, signal);

    await expect(reading).rejects.toMatchObject({ code: "IMAGE_TOO_LARGE" });
    expect(cos.seen.at(-1)?.headers.range).toBe("bytes=0-99999");
  });

  test("refused keys and a broken store have different codes", async () => {
    await using cos = await startTestCos();
    const store = storeAt(cos.port);
    const options = { contentType: "image/png" };

    await expect(store.head("denied/a", signal)).rejects.toMatchObject({
      code: "STORAGE_CREDENTIALS",
    });
    await expect(store.get("denied/a", 9, signal)).rejects.toMatchObject({
      code: "STORAGE_CREDENTIALS",
      providerCode: "AccessDenied",
    });
    await expect(store.get("broken/a", 9, signal)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      ran: "no",
    });
    await expect(store.put("broken/a", Buffer.from("a"), options, signal)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      ran: "unknown",
    });
  });

  const skewed = "<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>";
  test("a clock that is wrong is named, also where a HEAD is refused without a word", async () => {
    await using cos = await startTestServer((request, response) => {
      const date = new Date(Date.now() + 3_600_000).toUTCString();
      response.writeHead(403, { date, "x-cos-request-id": "1" });
      response.end(request.method === "HEAD" ? undefined : skewed);
    });
    const store = storeAt(cos.port);

    const ends = await Promise.allSettled([
      store.head("a", signal),
      store.get("a", 9, signal),
      store.put("a", Buffer.from("a"), { contentType: "image/png" }, signal),
    ]);

    const message = expect.stringContaining("clock is wrong");
    const failed = { reason: { code: "STORAGE_CREDENTIALS", message } };
    expect(ends).toMatchObject(ends.map(() => failed));
  });

  const answers: readonly (readonly [string, number, Record<string, string>])[] = [
    ["a captive portal's page", 200, { etag: '"abc"' }],
    ["a proxy's page for what it does not find", 404, {}],
  ];
  for (const [name, status, headers] of answers) {
    test(`${name} is neither an object nor the lack of one`, async () => {
      await using portal = await startTestServer((request, response) => {
        response.writeHead(status, { "content-type": "text/html", ...headers });
        response.end(request.method === "HEAD" ? undefined : "<html>Please sign in.</html>");
      });
      const store = storeAt(portal.port);

      const ends = await Promise.allSettled([
        store.head("a", signal),
        store.get("a", 900, signal),
        store.put("a", Buffer.from("a"), { contentType: "image/png" }, signal),
      ]);

      expect(ends).toMatchObject(ends.map(() => ({ reason: { code: "STORAGE_FAILED" } })));
    });
  }

  test("a write that the store answers without its ETag is not taken for written", async () => {
    await using cos = await startTestServer((_request, response) =>
      response.writeHead(200, { "x-cos-request-id": "1" }).end(),
    );

    const writing = storeAt(cos.port).put("a", Buffer.from("a"), { contentType: "x/y" }, signal);

    await expect(writing).rejects.toMatchObject({ code: "STORAGE_FAILED", ran: "unknown" });
  });

  test("a store that cannot be reached, or an aborted signal, is STORAGE_FAILED", async () => {
    const cos = await startTestCos();
    const { port } = cos;
    await cos[Symbol.asyncDispose]();

    await expect(storeAt(port).head("a", signal)).rejects.toMatchObject({ code: "STORAGE_FAILED" });
    await expect(storeAt(port).head("a", AbortSignal.abort())).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      providerCode: "TIMEOUT",
    });
  });
});
