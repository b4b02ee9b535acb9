import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import sharp from "sharp";
import { perceptualHash } from "../shared/perceptual-hash.ts";
import { createMemoryStore } from "../testing/memory-store.fixture.ts";
import { bombPng, noisePicture, plainPicture, smallJpeg } from "../testing/pictures.fixture.ts";
import { startTestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { importPicture } from "./import-picture.ts";
import { systemResolveAll } from "../../net/source-address.ts";

const closedRules = {
  allowedOrigins: new Set<string>(),
  resolveAll: systemResolveAll,
  httpsPort: 443,
};

/** Imports the bytes as an object of ours: the same checks as for a URL. */
function importBytes(bytes: Buffer) {
  const store = createMemoryStore({ "in/photo.jpg": bytes });
  const event = { action: "import", source: { key: "in/photo.jpg" }, toPrefix: "src/" } as const;
  return { store, result: importPicture({ store, rules: closedRules }, event, testTools()) };
}

describe("importPicture", () => {
  test("a URL's bytes are stored as they came, under their hash, once", async () => {
    const photo = await smallJpeg({ width: 64, height: 48 });
    await using server = await startTestServer((_request, response) => response.end(photo));
    const store = createMemoryStore();
    const rules = { ...closedRules, allowedOrigins: new Set([`127.0.0.1:${server.port}`]) };
    const source = { url: `${server.origin}/whatever.txt` };
    const event = { action: "import", source, toPrefix: "tasks/1/src-" } as const;
    const key = `tasks/1/src-${createHash("sha256").update(photo).digest("hex")}.jpg`;

    const result = await importPicture({ store, rules }, event, testTools());
    const again = await importPicture({ store, rules }, event, testTools());

    expect(result).toEqual({
      key,
      width: 64,
      height: 48,
      bytes: photo.byteLength,
      format: "jpeg",
      sourceBytes: photo.byteLength,
      perceptualHash: await perceptualHash(photo, 5_000),
    });
    expect(again).toEqual(result);
    expect(store.objects.get(key)?.body.equals(photo)).toBe(true);
    expect(store.calls.filter((call) => call.startsWith("put"))).toHaveLength(1);
  });

  test("PNG and WebP are known by their content, whatever they are called", async () => {
    const png = await plainPicture({ width: 20, height: 10 }).png().toBuffer();
    const webp = await plainPicture({ width: 20, height: 10 }).webp().toBuffer();

    expect(await importBytes(png).result).toMatchObject({ format: "png", width: 20 });
    expect((await importBytes(webp).result).key).toEndWith(".webp");
  });

  test("width and height are those after the turn that EXIF asks for", async () => {
    const lying = await plainPicture({ width: 60, height: 20 })
      .jpeg()
      .withMetadata({ orientation: 6 })
      .toBuffer();

    expect(await importBytes(lying).result).toMatchObject({ width: 20, height: 60 });
  });

  const svg = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect/></svg>';
  const refused: readonly (readonly [string, () => Promise<Buffer>])[] = [
    ["a GIF", () => plainPicture({ width: 9, height: 9 }).gif().toBuffer()],
    ["a TIFF", () => plainPicture({ width: 9, height: 9 }).tiff().toBuffer()],
    ["an AVIF", () => plainPicture({ width: 16, height: 16 }).avif({ effort: 0 }).toBuffer()],
    ["an SVG", async () => Buffer.from(svg)],
    ["a text that is called a photo", async () => Buffer.from("not a picture")],
    ["an empty file", async () => Buffer.alloc(0)],
    ["JPEG's first bytes and nothing behind", async () => Buffer.from("ffd8ffe000104a46", "hex")],
    ["an SVG behind JPEG's first bytes", async () => Buffer.from(`\xff\xd8\xff${svg}`, "latin1")],
  ];
  for (const [name, make] of refused) {
    test(`${name} is refused as unreadable, and nothing is stored`, async () => {
      const { store, result } = importBytes(await make());

      await expect(result).rejects.toMatchObject({
        code: "IMAGE_UNREADABLE",
        // Never the key: it is ours.
        message: expect.stringMatching(/^The picture is (not a JPEG, PNG or WebP picture|damaged)/),
      });
      expect(store.objects.size).toBe(1);
    });
  }

  for (const format of ["jpeg", "png", "webp"] as const) {
    test(`a ${format} that lacks its last part is refused`, async () => {
      const whole = await noisePicture({ width: 300, height: 300 }).toFormat(format).toBuffer();
      const cut = whole.subarray(0, Math.floor(whole.byteLength * 0.95));

      expect((await importBytes(whole).result).format).toBe(format);
      await expect(importBytes(cut).result).rejects.toMatchObject({ code: "IMAGE_UNREADABLE" });
    });
  }

  test("an animated WebP is refused", async () => {
    const frames = { width: 8, height: 8, channels: 3, background: "#f00" } as const;
    const pages = await Promise.all(
      ["#f00", "#0f0"].map((background) =>
        sharp({ create: { ...frames, background } })
          .png()
          .toBuffer(),
      ),
    );
    const moving = await sharp(pages, { join: { animated: true } })
      .webp()
      .toBuffer();

    await expect(importBytes(moving).result).rejects.toMatchObject({
      code: "IMAGE_UNREADABLE",
      message: expect.stringContaining("animation"),
    });
  });

  test("a bomb of 16000 x 16000 pixels in 31 KB is refused at once", async () => {
    const bomb = bombPng();
    expect(bomb.byteLength).toBeLessThan(100_000);
    const startedAt = performance.now();

    const { result } = importBytes(bomb);

    await expect(result).rejects.toMatchObject({
      code: "IMAGE_TOO_LARGE",
      message: expect.stringContaining("25 megapixels"),
    });
    expect(performance.now() - startedAt).toBeLessThan(500);
  });

  test("an object that is not there, or a prefix too long for a key, is told", async () => {
    const deps = { store: createMemoryStore(), rules: closedRules };
    const event = { action: "import", source: { key: "gone" }, toPrefix: "src/" } as const;

    await expect(importPicture(deps, event, testTools())).rejects.toMatchObject({
      code: "IMAGE_SOURCE_UNREACHABLE",
      message: "The picture is not in the store any more.",
    });
    const long = { ...event, toPrefix: "p".repeat(331) };
    await expect(importPicture(deps, long, testTools())).rejects.toMatchObject({
      code: "EVENT_INVALID",
    });
  });
});
