import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startFixtureCloud, type FixtureCloud } from "../local/cloud-emulator/cloud.fixture.ts";
import { listenOnLoopback } from "../local/cloud-emulator/emulator-http.ts";
import { until } from "../tests/until.ts";
import { createCosObjectStore } from "./cos-object-store.ts";
import { system } from "../runtime/system.ts";

describe("what an operator reads when the store refuses", () => {
  let cloud: FixtureCloud;
  beforeAll(async () => {
    cloud = await startFixtureCloud();
  });
  afterAll(() => cloud.close());

  test.each([
    ["a wrong secret key", { secretKey: "wrong" }, "TENCENTCLOUD_SECRET_KEY"],
    ["an unknown secret id", { secretId: "AKIDother" }, "TENCENTCLOUD_SECRET_ID"],
    ["a bucket of another name", { bucket: "other-1250000000" }, "COS_BUCKET"],
  ])("%s", async (_what, changed, variable) => {
    const settings = { ...cloud.account, endpoint: cloud.cos.endpoint, ...changed };
    const store = createCosObjectStore({ ...system, ...settings });

    await expect(store.get("a.txt", 10)).rejects.toMatchObject({
      name: "DrapeError",
      code: "STORAGE_CREDENTIALS",
      operatorMessage: expect.stringContaining(`Check ${variable}`),
    });
  });

  test("a HEAD, whose refusal has no body, names all that can be wrong", async () => {
    const settings = { ...cloud.account, endpoint: cloud.cos.endpoint, secretKey: "wrong" };

    await expect(
      createCosObjectStore({ ...system, ...settings }).head("a.txt"),
    ).rejects.toMatchObject({
      code: "STORAGE_CREDENTIALS",
      operatorMessage: expect.stringContaining("TENCENTCLOUD_SECRET_KEY"),
    });
  });

  test("a store that is not there has failed", async () => {
    const store = createCosObjectStore({ ...system, ...cloud.account, endpoint: "127.0.0.1:1" });

    await expect(store.put("a.txt", new Uint8Array(1), "text/plain")).rejects.toMatchObject({
      name: "DrapeError",
      code: "STORAGE_FAILED",
      operatorMessage: expect.stringContaining("ECONNREFUSED"),
    });
  });

  test("a store that never answers is given up at the deadline, whatever the method", async () => {
    const silent = await listenOnLoopback(() => new Promise(() => {}));
    const requested: number[] = [];
    const clock = {
      ...system.clock,
      sleep: async (ms: number) => {
        requested.push(ms);
      },
    };
    const settings = { ...cloud.account, endpoint: silent.endpoint, deadlineMs: 30_000 };
    const store = createCosObjectStore({ ...settings, clock });

    const ends = await Promise.allSettled([
      store.put("a.txt", new Uint8Array(1), "text/plain"),
      store.get("a.txt", 10),
      store.head("a.txt"),
      store.delete("a.txt"),
    ]);

    expect(requested).toEqual([30_000, 30_000, 30_000, 30_000]);
    for (const end of ends) expect(end).toMatchObject({ reason: { code: "STORAGE_FAILED" } });
    await silent.close();
  });

  test("an upload that was given up does not go on and write the object later", async () => {
    const TRY_MS = 50;
    let puts = 0;
    const seen = Promise.withResolvers<void>();
    const silent = await listenOnLoopback(async () => {
      puts += 1;
      seen.resolve();
      await new Promise(() => {});
    });
    // The deadline comes in the moment in which the first try has arrived, however long that takes.
    const clock = { ...system.clock, sleep: () => seen.promise };
    const settings = { ...cloud.account, endpoint: silent.endpoint, deadlineMs: 3 * TRY_MS };
    const store = createCosObjectStore({ ...settings, clock });

    const [end] = await Promise.allSettled([store.put("a.txt", new Uint8Array(1), "text/plain")]);
    // The SDK's next try would be due after `TRY_MS`.
    const [later] = await Promise.allSettled([until(async () => puts > 1, 6 * TRY_MS)]);

    expect(end).toMatchObject({ reason: { code: "STORAGE_FAILED" } });
    expect(later.status).toBe("rejected");
    expect(puts).toBe(1);
    await silent.close();
  });

  test.each([
    ["a body that is shorter than its object", 1_000, "4 of 100 bytes came"],
    ["an object above the limit", 4, "100 bytes, more than the 4 allowed"],
  ])("%s is not taken", async (_what, maxBytes, reason) => {
    const odd = await listenOnLoopback(async (_request, response) => {
      const headers = { "content-range": "bytes 0-3/100", "x-cos-request-id": "1" };
      response.writeHead(206, headers).end("half");
    });
    const store = createCosObjectStore({ ...system, ...cloud.account, endpoint: odd.endpoint });

    await expect(store.get("a.txt", maxBytes)).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      operatorMessage: expect.stringContaining(reason),
    });
    await odd.close();
  });

  const tooSkewed = "<Error><Code>RequestTimeTooSkewed</Code><Message>no</Message></Error>";
  const farAway = new Date(Date.now() - 3_600_000).toUTCString();
  test("a clock that is wrong is named, and the keys are not, whatever the method", async () => {
    const cos = await listenOnLoopback(async (request, response) => {
      response.writeHead(403, { date: farAway, "x-cos-request-id": "1" });
      response.end(request.method === "HEAD" ? undefined : tooSkewed);
    });
    const store = createCosObjectStore({ ...system, ...cloud.account, endpoint: cos.endpoint });

    const ends = await Promise.allSettled([
      store.head("a.txt"),
      store.get("a.txt", 10),
      store.put("a.txt", new Uint8Array(1), "text/plain"),
    ]);

    for (const end of ends) {
      expect(end).toMatchObject({
        reason: {
          code: "STORAGE_CREDENTIALS",
          message: expect.stringContaining("clock"),
          operatorMessage: expect.stringContaining("Set this machine's clock"),
        },
      });
    }
    await cos.close();
  });

  const pages: readonly (readonly [string, number, Record<string, string>])[] = [
    ["a captive portal's page", 200, { etag: '"abc"' }],
    ["a proxy's page for what it does not find", 404, {}],
  ];
  test.each(pages)("%s is neither an object nor the lack of one", async (_what, status, more) => {
    const page = "<html>Please sign in.</html>";
    const portal = await listenOnLoopback(async (request, response) => {
      response.writeHead(status, { "content-type": "text/html", ...more });
      response.end(request.method === "HEAD" ? undefined : page);
    });
    const store = createCosObjectStore({ ...system, ...cloud.account, endpoint: portal.endpoint });

    const ends = await Promise.allSettled([
      store.put("a.txt", new Uint8Array(1), "text/plain"),
      store.get("a.txt", 1_000),
      store.head("a.txt"),
      store.delete("a.txt"),
    ]);

    const failed = { reason: { code: "STORAGE_FAILED", ran: "unknown" } };
    expect(ends).toMatchObject(ends.map(() => failed));
    await portal.close();
  });

  test("a write that the store answers without its ETag is not taken for written", async () => {
    const odd = await listenOnLoopback(async (_request, response) => {
      response.writeHead(200, { "x-cos-request-id": "1" }).end();
    });
    const store = createCosObjectStore({ ...system, ...cloud.account, endpoint: odd.endpoint });

    await expect(store.put("a.txt", new Uint8Array(1), "text/plain")).rejects.toMatchObject({
      code: "STORAGE_FAILED",
      operatorMessage: expect.stringContaining("ETag"),
    });
    await odd.close();
  });

  test("an endpoint elsewhere is refused at once", () => {
    const settings = { ...cloud.account, endpoint: "store.example.com" };

    expect(() => createCosObjectStore({ ...system, ...settings })).toThrow("COS_ENDPOINT");
  });

  test("a real bucket has its own host", () => {
    const { objectUrl, keyOfUrl } = createCosObjectStore({ ...system, ...cloud.account });
    const url = "https://drape-1250000000.cos.ap-guangzhou.myqcloud.com/u/1/a.png";

    expect(objectUrl("u/1/a.png")).toBe(url);
    expect(keyOfUrl(url)).toBe("u/1/a.png");
    expect(keyOfUrl(url.replace("https:", "http:"))).toBeNull();
    expect(keyOfUrl(url.replace(".com/", ".com.evil.test/"))).toBeNull();
  });
});
