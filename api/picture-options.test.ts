import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, type TestApp } from "../tests/test-app.ts";

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("Anna@example.com");
});
afterAll(() => app.close());

const preprocess = (options: object) =>
  app.post(
    "/api/ai-image/preprocess",
    { images: ["https://example.com/a.jpg"], options },
    { token: anna },
  );

describe("options that no photo can be given", () => {
  const resize = { width: 8192, height: 8192, mode: "fill", enlarge: true };
  test.each([
    [{ watermark: "👗新款" }, "/options/watermark", "👗 (U+1F457)"],
    [{ watermark: { text: "\u200b" } }, "/options/watermark/text", "U+200B"],
    [{ resize, format: "avif" }, "/options/resize/width", "12.5 megapixels"],
  ])("%j is refused at %s", async (options, pointer, words) => {
    const problem = await problemOf(await preprocess(options));

    expect([problem.status, problem.code]).toEqual([422, "VALIDATION_FAILED"]);
    expect(problem.errors).toMatchObject([{ pointer, detail: expect.stringContaining(words) }]);
  });
});

describe("the kind of an upload", () => {
  test.each(["image/jpg", "image/pjpeg", "IMAGE/JPEG", "image/jpeg; charset=binary"])(
    "%s is a JPEG",
    async (contentType) => {
      const answer = await app.post("/api/v1/uploads", { contentType }, { token: anna });

      expect(answer.status).toBe(201);
      expect(await answer.json()).toMatchObject({ objectUrl: expect.stringMatching(/\.jpg$/) });
    },
  );

  test("another kind is refused with those that are taken", async () => {
    const problem = await problemOf(
      await app.post("/api/v1/uploads", { contentType: "image/gif" }, { token: anna }),
    );

    expect(problem.errors).toMatchObject([
      { pointer: "/contentType", detail: expect.stringContaining("image/webp") },
    ]);
  });
});
