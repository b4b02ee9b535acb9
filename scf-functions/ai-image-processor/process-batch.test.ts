import { describe, expect, test } from "bun:test";
import sharp from "sharp";
import {
  imageProcessorAnswerSchema,
  type ImageProcessorEvent,
  processActionSchema,
} from "../../core/function-schemas/image-processor.ts";
import { variantKey } from "../../core/function-schemas/image-operations.ts";
import { createMemoryStore, type MemoryStore } from "../testing/memory-store.fixture.ts";
import { noisePicture } from "../testing/pictures.fixture.ts";
import { startTestServer } from "../testing/server.fixture.ts";
import { testTools } from "../testing/tools.fixture.ts";
import { processBatch } from "./process-batch.ts";
import { systemResolveAll } from "../../net/source-address.ts";

type Images = Extract<ImageProcessorEvent, { action: "process" }>["images"];

function run(store: MemoryStore, images: Images, origins: string[] = [], remainingMs = 20_000) {
  const rules = {
    allowedOrigins: new Set(origins),
    resolveAll: systemResolveAll,
    httpsPort: 443,
  };
  const event = processActionSchema.parse({ action: "process", images });
  return processBatch({ store, rules }, event, testTools(remainingMs));
}

const photoOf = (width: number, height: number) =>
  noisePicture({ width, height }).jpeg().toBuffer();

describe("processBatch", () => {
  test("one bad picture among three fails alone, in its place", async () => {
    const photo = await photoOf(200, 100);
    const store = createMemoryStore({ a: photo, b: photo.subarray(0, 3000), c: photo });
    const operations = { resize: { width: 50 } };

    const { items } = await run(
      store,
      ["a", "b", "c"].map((from) => ({ from, to: `${from}.jpg`, operations })),
    );

    expect(items).toMatchObject([
      { ok: true, image: { key: "a.jpg", width: 50, height: 25 } },
      { ok: false, failure: { code: "IMAGE_UNREADABLE", ran: "no" } },
      { ok: true, image: { key: "c.jpg" } },
    ]);
    expect(imageProcessorAnswerSchema.parse({ ok: true, result: { items } })).toMatchObject({
      result: { items: [{ ok: true }, { ok: false }, { ok: true }] },
    });
  });

  test("variants come beside the picture, none larger than it, and the source is read once", async () => {
    const store = createMemoryStore({ a: await photoOf(900, 600) });

    const { items } = await run(store, [
      { from: "a", to: "x/a.jpg", operations: {}, variants: ["list", "card", "detail"] },
    ]);

    expect(items).toMatchObject([
      {
        ok: true,
        image: { width: 900 },
        variants: [
          { name: "list", key: "x/a-list.webp", width: 240, height: 160, format: "webp" },
          { name: "card", key: "x/a-card.webp", width: 640 },
          { name: "detail", key: "x/a-detail.webp", width: 900 },
        ],
      },
    ]);
    expect(store.calls.filter((call) => call === "get a")).toHaveLength(1);
    const list = store.objects.get(variantKey("x/a.jpg", "list"))?.body ?? Buffer.alloc(0);
    expect((await sharp(list).metadata()).width).toBe(240);
  });

  test("a repeated call makes nothing again, and what is missing is made", async () => {
    const store = createMemoryStore({ a: await photoOf(300, 300) });
    const images: Images = [
      { from: "a", to: "a.avif", operations: { format: "avif" }, variants: ["list"] },
    ];
    const first = await run(store, images);
    const before = store.calls.length;

    const second = await run(store, images);
    const callsOfSecond = store.calls.slice(before);
    store.objects.delete("a-list.webp");
    await run(store, images);

    expect(callsOfSecond.filter((call) => call.startsWith("put"))).toEqual([]);
    expect(second.items).toMatchObject([
      { ok: true, image: { format: "avif", width: 300 }, variants: [{ name: "list" }] },
    ]);
    expect(first.items[0]?.ok).toBe(true);
    expect(store.objects.has("a-list.webp")).toBe(true);
  });

  test("a URL is read under the rules of import, and an inner address is refused", async () => {
    const photo = await photoOf(80, 60);
    await using server = await startTestServer((_request, response) => response.end(photo));
    const store = createMemoryStore();

    const { items } = await run(
      store,
      [
        { source: { url: `${server.origin}/a.jpg` }, to: "a.webp", operations: { format: "webp" } },
        { source: { url: "https://127.0.0.1/" }, to: "b.webp", operations: {} },
      ],
      [`127.0.0.1:${server.port}`],
    );

    expect(items).toMatchObject([
      { ok: true, image: { width: 80, sourceBytes: photo.byteLength } },
      { ok: false, failure: { code: "IMAGE_SOURCE_REFUSED" } },
    ]);
  });

  test("a mark that does not exist fails its picture, not the others", async () => {
    const store = createMemoryStore({ a: await photoOf(80, 60) });

    const { items } = await run(store, [
      { from: "a", to: "b", operations: { watermark: { imageKey: "gone" } } },
      { from: "a", to: "c", operations: {} },
    ]);

    expect(items).toMatchObject([
      { ok: false, failure: { code: "IMAGE_SOURCE_UNREACHABLE" } },
      { ok: true },
    ]);
  });

  test("without time left each picture says so", async () => {
    const store = createMemoryStore({ a: await photoOf(80, 60) });

    const { items } = await run(store, [{ from: "a", to: "b", operations: {} }], [], 0);

    expect(items).toMatchObject([{ ok: false, failure: { code: "FUNCTION_TIMEOUT" } }]);
  });
});

describe("processActionSchema", () => {
  const one = { from: "a", to: "b", operations: {} };
  const refused: readonly (readonly [string, unknown])[] = [
    ["no picture", { images: [] }],
    ["eleven pictures", { images: Array.from({ length: 11 }, () => one) }],
    ["a picture without a source", { images: [{ to: "b", operations: {} }] }],
    ["a picture with two", { images: [{ ...one, source: { key: "c" } }] }],
    ["an unknown operation", { images: [{ ...one, operations: { sharpen: 1 } }] }],
  ];
  for (const [name, event] of refused) {
    test(`${name} is refused`, () => {
      const parsed = processActionSchema.safeParse({ action: "process", ...Object(event) });

      expect(parsed.success).toBe(false);
    });
  }
});
