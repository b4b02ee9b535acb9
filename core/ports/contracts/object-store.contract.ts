import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DrapeError } from "../../model/errors.ts";
import type { ObjectStore, UploadForm } from "../cloud.ts";

export type StoreSubject = { readonly store: ObjectStore; close(): Promise<void> };

const MINUTE_MS = 60_000;
const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** The promises of `ObjectStore` that hold for every adapter. URLs and forms are used by plain `fetch`. */
export function objectStoreContract(name: string, makeSubject: () => Promise<StoreSubject>): void {
  describe(`ObjectStore on ${name}`, () => {
    let subject: StoreSubject;
    let store: ObjectStore;
    beforeAll(async () => {
      subject = await makeSubject();
      store = subject.store;
    });
    afterAll(() => subject.close());

    test("what is put is read back with its type and size", async () => {
      const body = crypto.getRandomValues(new Uint8Array(60_000));

      await store.put("u/1/photo.png", body, "image/png");

      expect(await store.get("u/1/photo.png", 1_000_000)).toEqual(body);
      const facts = await store.head("u/1/photo.png");
      expect(facts).toMatchObject({ bytes: 60_000, contentType: "image/png" });
      expect(facts?.etag).not.toBe("");
    });

    test("a view into a larger buffer is put as what it shows", async () => {
      const body = bytesOf("--inside--").subarray(2, 8);

      await store.put("view.txt", body, "text/plain");

      expect(await store.get("view.txt", 100)).toEqual(bytesOf("inside"));
    });

    test("a second put replaces the first", async () => {
      await store.put("twice.txt", bytesOf("first"), "text/plain");
      await store.put("twice.txt", bytesOf("second!"), "text/csv");

      expect(await store.get("twice.txt", 100)).toEqual(bytesOf("second!"));
      expect(await store.head("twice.txt")).toMatchObject({ bytes: 7, contentType: "text/csv" });
    });

    test("an empty object is an object", async () => {
      await store.put("empty.bin", new Uint8Array(), "application/octet-stream");

      expect(await store.get("empty.bin", 10)).toEqual(new Uint8Array());
      expect(await store.head("empty.bin")).toMatchObject({ bytes: 0 });
    });

    test("what is not there is null, and deleting it is no error", async () => {
      await store.put("gone.txt", bytesOf("x"), "text/plain");
      await store.delete("gone.txt");
      await store.delete("gone.txt");

      expect(await store.get("gone.txt", 100)).toBeNull();
      expect(await store.head("gone.txt")).toBeNull();
    });

    test("an object of exactly the limit is read, a larger one is refused", async () => {
      await store.put("limit.bin", new Uint8Array(1000), "application/octet-stream");

      expect((await store.get("limit.bin", 1000))?.byteLength).toBe(1000);
      const error = await store.get("limit.bin", 999).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(DrapeError);
      expect(error).toMatchObject({ code: "STORAGE_FAILED" });
    });

    test("a signed URL gives the object to whoever holds it, by GET alone", async () => {
      await store.put("signed/a-b_c.1.png", bytesOf("picture"), "image/png");
      const url = store.signedGetUrl("signed/a-b_c.1.png", Date.now());

      const got = await fetch(url);
      expect(got.status).toBe(200);
      expect(got.headers.get("content-type")).toBe("image/png");
      expect(await got.text()).toBe("picture");

      for (const method of ["PUT", "DELETE", "POST"]) {
        const refused = await fetch(url, { method, ...(method === "PUT" ? { body: "x" } : {}) });
        expect([403, 405]).toContain(refused.status);
      }
      expect(await store.get("signed/a-b_c.1.png", 100)).toEqual(bytesOf("picture"));
    });

    test("a signed URL opens no other key, and nothing without its signature", async () => {
      await store.put("mine.txt", bytesOf("mine"), "text/plain");
      await store.put("theirs.txt", bytesOf("theirs"), "text/plain");
      const url = store.signedGetUrl("mine.txt", Date.now());

      expect((await fetch(url.replace("mine.txt", "theirs.txt"))).status).toBe(403);
      expect((await fetch(store.objectUrl("mine.txt"))).status).toBe(403);
    });

    test("a signed URL is one URL for ten minutes and ends within twenty", async () => {
      await store.put("window.txt", bytesOf("x"), "text/plain");
      const windowStart = Math.floor(Date.now() / (10 * MINUTE_MS)) * 10 * MINUTE_MS;
      const at = (minutes: number): string =>
        store.signedGetUrl("window.txt", windowStart + minutes * MINUTE_MS);

      expect(at(9.99)).toBe(at(0));
      expect(at(10)).not.toBe(at(0));
      // Signed at the end of the last window: still good. Signed three windows ago: over.
      expect((await fetch(at(-0.01))).status).toBe(200);
      expect((await fetch(at(-20.01))).status).toBe(403);
    });

    test("an upload form takes one file of its key and type", async () => {
      const rules = { key: "u/7/in.jpg", contentType: "image/jpeg", maxBytes: 100 };
      const form = store.signedUploadForm(rules, Date.now());

      const answer = await post(form, bytesOf("jpeg bytes"));

      expect(answer.status).toBe(200);
      expect(form.expiresAtMs).toBeGreaterThan(Date.now() + 9 * MINUTE_MS);
      expect(await store.get("u/7/in.jpg", 100)).toEqual(bytesOf("jpeg bytes"));
      expect(await store.head("u/7/in.jpg")).toMatchObject({ contentType: "image/jpeg" });
    });

    test("an upload form refuses another size, key or type, and is over in time", async () => {
      const rules = { key: "u/8/in.jpg", contentType: "image/jpeg", maxBytes: 100 };
      const form = store.signedUploadForm(rules, Date.now());
      const old = store.signedUploadForm(rules, Date.now() - 11 * MINUTE_MS);
      const file = bytesOf("jpeg bytes");

      const refused = [
        await post(form, new Uint8Array(101)),
        await post(form, new Uint8Array()),
        await post(form, file, { key: "u/9/in.jpg" }),
        await post(form, file, { "Content-Type": "text/html" }),
        await post(form, file, { "x-cos-meta-more": "1" }),
        await post(old, file),
      ];

      expect(refused.map(({ status }) => status)).toEqual([400, 400, 403, 403, 403, 403]);
      expect(await store.head("u/8/in.jpg")).toBeNull();
      expect(await store.head("u/9/in.jpg")).toBeNull();
    });

    test("an address of the store gives its key, signed or not", () => {
      const key = "u/1/deep/a_b-c.1.png";

      expect(store.keyOfUrl(store.objectUrl(key))).toBe(key);
      expect(store.keyOfUrl(store.signedGetUrl(key, Date.now()))).toBe(key);
    });

    test("an address of anything else gives no key", () => {
      const url = new URL(store.objectUrl("u/1/a.png"));
      const other = (change: (copy: URL) => void): string => {
        const copy = new URL(url);
        change(copy);
        return copy.href;
      };
      const strangers = [
        "",
        "u/1/a.png",
        "https://example.com/u/1/a.png",
        `https://example.com/?${url.href}`,
        `https://example.com/#${url.href}`,
        other((copy) => (copy.hostname = `${copy.hostname}.example.com`)),
        other((copy) => (copy.port = "1")),
        other((copy) => (copy.username = "example.com")),
        other((copy) => (copy.protocol = copy.protocol === "http:" ? "https:" : "http:")),
        url.href.replace("u/1/a.png", "../../a.png").replace(url.host, "example.com"),
        url.href.replace("u/1/a.png", "u%2F..%2F..%2Fa.png"),
        url.href.replace("u/1/a.png", "%E0%A4%A"),
        url.href.replace("u/1/a.png", ""),
      ];

      expect(strangers.map((text) => store.keyOfUrl(text))).toEqual(strangers.map(() => null));
    });
  });
}

async function post(
  form: UploadForm,
  file: Uint8Array,
  changed: Readonly<Record<string, string>> = {},
): Promise<Response> {
  const body = new FormData();
  for (const [name, value] of Object.entries({ ...form.fields, ...changed })) {
    body.append(name, value);
  }
  body.append("file", new Blob([new Uint8Array(file)]), "photo.jpg");
  return await fetch(form.url, { method: form.method, body });
}
