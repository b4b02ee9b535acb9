import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import COS from "cos-nodejs-sdk-v5";
import { createCosObjectStore } from "../../../cloud/cos-object-store.ts";
import { startFixtureCloud, type FixtureCloud } from "../cloud.fixture.ts";
import { system } from "../../../runtime/system.ts";

let cloud: FixtureCloud;
beforeAll(async () => {
  cloud = await startFixtureCloud();
});
afterAll(() => cloud.close());

function sdkOf(changed: { SecretId?: string; SecretKey?: string } = {}) {
  const { secretId, secretKey, bucket, region } = cloud.account;
  const cos = new COS({
    SecretId: secretId,
    SecretKey: secretKey,
    Protocol: "http:",
    Domain: `${cloud.cos.endpoint}/{Bucket}`,
    ...changed,
  });
  return { cos, at: (Key: string) => ({ Bucket: bucket, Region: region, Key }) };
}

const put = (key: string, text: string): Promise<unknown> => {
  const { cos, at } = sdkOf();
  return cos.putObject({ ...at(key), Body: text, ContentType: "text/plain" });
};

/** A URL that the SDK itself signs. */
function presigned(key: string, Method: "GET" | "PUT", more: object = {}): Promise<string> {
  const { cos, at } = sdkOf();
  return new Promise((resolve, reject) => {
    cos.getObjectUrl({ ...at(key), Method, Sign: true, ...more }, (error, data) => {
      if (error) reject(new Error(String(error)));
      else resolve(data.Url);
    });
  });
}

describe("signatures", () => {
  test("a wrong key is 403 SignatureDoesNotMatch, an unknown id InvalidAccessKeyId", async () => {
    const wrongKey = sdkOf({ SecretKey: "wrong" });
    const wrongId = sdkOf({ SecretId: "AKIDother" });

    await expect(wrongKey.cos.getObject(wrongKey.at("a"))).rejects.toMatchObject({
      statusCode: 403,
      code: "SignatureDoesNotMatch",
    });
    await expect(wrongId.cos.putObject({ ...wrongId.at("a"), Body: "x" })).rejects.toMatchObject({
      statusCode: 403,
      code: "InvalidAccessKeyId",
    });
  });

  test("a request without a signature is denied", async () => {
    const answer = await fetch(`http://${cloud.cos.endpoint}/${cloud.account.bucket}/a`);

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("<Code>AccessDenied</Code>");
  });

  test("a URL presigned by the SDK opens its key and method alone", async () => {
    await put("pre/one.txt", "one");
    await put("pre/two.txt", "two");
    const url = await presigned("pre/one.txt", "GET");

    expect(await (await fetch(url)).text()).toBe("one");
    const wrong = [
      await fetch(url.replace("one.txt", "two.txt")),
      await fetch(url, { method: "DELETE" }),
      await fetch(url, { method: "PUT", body: "x" }),
      await fetch(url.replace(/q-signature=\w{4}/, "q-signature=0000")),
    ];
    expect(wrong.map(({ status }) => status)).toEqual([403, 403, 403, 403]);
    expect(await wrong[0]?.text()).toContain("SignatureDoesNotMatch");
  });

  test("a presigned PUT takes its content type alone", async () => {
    const url = await presigned("pre/up.png", "PUT", { Headers: { "content-type": "image/png" } });
    const send = (type: string): Promise<Response> =>
      fetch(url, { method: "PUT", headers: { "content-type": type }, body: "png" });

    expect((await send("text/html")).status).toBe(403);
    expect((await send("image/png")).status).toBe(200);
  });

  test("a presigned URL is over in time", async () => {
    await put("pre/old.txt", "old");
    const url = await presigned("pre/old.txt", "GET", { Expires: 60 });

    cloud.setClockOffsetMs(61_000);
    const late = await fetch(url);
    cloud.setClockOffsetMs(0);

    expect(late.status).toBe(403);
    expect(await late.text()).toContain("<Message>Request has expired</Message>");
    expect((await fetch(url)).status).toBe(200);
  });

  test("the store's own signed URL is what the SDK would sign for the same time", () => {
    const store = createCosObjectStore({
      ...system,
      ...cloud.account,
      endpoint: cloud.cos.endpoint,
    });
    const url = store.signedGetUrl("u/1/a_b.png", Date.UTC(2026, 0, 1, 12, 34, 56));

    const KeyTime = new URL(url).searchParams.get("q-key-time") ?? "";
    const { secretId: SecretId, secretKey: SecretKey } = cloud.account;
    const signer = { SecretId, SecretKey, Method: "GET" as const, Key: "u/1/a_b.png", KeyTime };
    const query = COS.getAuthorization({ ...signer, Headers: { host: cloud.cos.endpoint } });
    expect(url.split("?")[1]).toBe(query);
    const seconds = KeyTime.split(";").map((time) => Number(time) * 1000);
    expect(seconds).toEqual([Date.UTC(2026, 0, 1, 12, 29), Date.UTC(2026, 0, 1, 12, 50)]);
  });

  test("a form whose policy was changed after signing is refused", async () => {
    const store = createCosObjectStore({
      ...system,
      ...cloud.account,
      endpoint: cloud.cos.endpoint,
    });
    const rules = { key: "form/a.jpg", contentType: "image/jpeg", maxBytes: 10 };
    const form = store.signedUploadForm(rules, Date.now());
    const policy = Buffer.from(form.fields["policy"] ?? "", "base64").toString();
    const wider = Buffer.from(policy.replace(",10]", ",1000]")).toString("base64");

    const body = new FormData();
    for (const [name, value] of Object.entries({ ...form.fields, policy: wider })) {
      body.append(name, value);
    }
    body.append("file", new Blob(["x".repeat(100)]));
    const answer = await fetch(form.url, { method: "POST", body });

    expect(answer.status).toBe(403);
    expect(await answer.text()).toContain("SignatureDoesNotMatch");
  });

  test("a form that is too large says so", async () => {
    const store = createCosObjectStore({
      ...system,
      ...cloud.account,
      endpoint: cloud.cos.endpoint,
    });
    const rules = { key: "form/b.jpg", contentType: "image/jpeg", maxBytes: 10 };
    const form = store.signedUploadForm(rules, Date.now());
    const body = new FormData();
    for (const [name, value] of Object.entries(form.fields)) body.append(name, value);
    body.append("file", new Blob(["x".repeat(11)]));

    const answer = await fetch(form.url, { method: "POST", body });

    expect(answer.status).toBe(400);
    expect(await answer.text()).toContain("<Code>EntityTooLarge</Code>");
  });
});

describe("objects", () => {
  test("keys with any characters keep apart, on disk as well", async () => {
    const keys = ["a b/ü+(1)!.txt", "A B/ü+(1)!.txt", "../up.txt", "衣服.txt", "x".repeat(800)];

    const { cos, at } = sdkOf();
    for (const key of keys) {
      if (key.startsWith("..")) continue;
      await put(key, `body of ${key}`);
      expect((await cos.getObject(at(key))).Body.toString()).toBe(`body of ${key}`);
    }
    const raw = await fetch(
      `http://${cloud.cos.endpoint}/${cloud.account.bucket}/%2E%2E%2F%2E%2E%2Fetc%2Fpasswd`,
    );
    expect(raw.status).toBe(403);
  });

  test("a range gives its part, and one outside is refused", async () => {
    await put("range.txt", "0123456789");
    const { cos, at } = sdkOf();

    const part = await cos.getObject({ ...at("range.txt"), Range: "bytes=2-4" });
    const rest = await cos.getObject({ ...at("range.txt"), Range: "bytes=-3" });

    expect(part.Body.toString()).toBe("234");
    expect(part).toMatchObject({ statusCode: 206 });
    expect(part.headers?.["content-range"]).toBe("bytes 2-4/10");
    expect(rest.Body.toString()).toBe("789");
    await expect(cos.getObject({ ...at("range.txt"), Range: "bytes=10-20" })).rejects.toMatchObject(
      { statusCode: 416, code: "InvalidRange" },
    );
  });

  test("metadata and the MD5 come back with the object", async () => {
    const { cos, at } = sdkOf();
    await cos.putObject({ ...at("meta.txt"), Body: "abc", Headers: { "x-cos-meta-task": "t1" } });

    const { headers } = await cos.headObject(at("meta.txt"));

    expect(headers).toMatchObject({
      "x-cos-meta-task": "t1",
      etag: '"900150983cd24fb0d6963f7d28e17f72"',
    });
  });

  test("of writers that forbid overwriting, one wins", async () => {
    const { cos, at } = sdkOf();
    const write = (Body: string): Promise<unknown> =>
      cos.putObject({ ...at("once.txt"), Body, Headers: { "x-cos-forbid-overwrite": "true" } });

    const ends = await Promise.allSettled(["a", "b", "c", "d"].map(write));

    expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    expect(ends.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { statusCode: 409, code: "FileAlreadyExists" },
    });
  });

  test("the bucket's list has prefixes and pages", async () => {
    for (const name of ["c", "a", "b"]) await put(`list/${name}.txt`, name);
    const { cos, at } = sdkOf();
    const { Key: _, ...bucket } = at("");

    const first = await cos.getBucket({ ...bucket, Prefix: "list/", MaxKeys: 2 });
    const rest = await cos.getBucket({
      ...bucket,
      Prefix: "list/",
      Marker: first.NextMarker ?? "",
    });

    expect(first.Contents.map(({ Key }) => Key)).toEqual(["list/a.txt", "list/b.txt"]);
    expect(first.IsTruncated).toBe("true");
    expect(rest.Contents.map(({ Key }) => Key)).toEqual(["list/c.txt"]);
  });

  test("a bucket of another name does not exist", async () => {
    const store = createCosObjectStore({
      ...system,
      ...cloud.account,
      bucket: "other-1250000000",
      endpoint: cloud.cos.endpoint,
    });

    await expect(store.get("a.txt", 10)).rejects.toMatchObject({
      code: "STORAGE_CREDENTIALS",
      operatorMessage: expect.stringContaining("COS_BUCKET"),
    });
  });

  test("a browser may ask first and send then", async () => {
    const url = `http://${cloud.cos.endpoint}/${cloud.account.bucket}/`;
    const headers = { origin: "http://shop.test", "access-control-request-method": "POST" };

    const answer = await fetch(url, { method: "OPTIONS", headers });

    expect(answer.status).toBe(200);
    expect(answer.headers.get("access-control-allow-origin")).toBe("http://shop.test");
  });
});
