import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { drawSampleMask } from "../../../local/samples/draw-sample-garment.ts";
import { drawnGarment } from "../../../local/samples/drawn-garment.fixture.ts";
import { CUT_OUT_TRUST, cutOutGarment } from "./cut-out.ts";

test.each([
  ["t-shirt", 0],
  ["trousers", 2],
  ["jacket", 4],
] as const)("a drawn %s is cut out along its true outline", async (kind, index) => {
  const photo = await sharp(await drawnGarment(kind, index))
    .resize(480)
    .jpeg()
    .toBuffer();
  const truth = await drawSampleMask(kind, index);

  const cut = await cutOutGarment(photo);

  let both = 0;
  let either = 0;
  for (const [at, alpha] of cut.rgba.filter((_, byte) => byte % 4 === 3).entries()) {
    const [x, y] = [at % 480, Math.floor(at / 480)];
    const inside = truth[y * 2 * 960 + x * 2] ?? 0;
    const kept = alpha > 127 ? 1 : 0;
    both += kept & inside;
    either += kept | inside;
  }
  expect([cut.width, cut.height]).toEqual([480, 640]);
  expect(both / either).toBeGreaterThanOrEqual(0.9);
  expect(cut.confidence).toBeGreaterThanOrEqual(CUT_OUT_TRUST);
});

test("the same photo gives the same cut twice", async () => {
  const photo = await sharp(await drawnGarment("skirt", 2))
    .resize(300)
    .jpeg()
    .toBuffer();

  const first = await cutOutGarment(photo);
  const second = await cutOutGarment(photo);

  expect(Buffer.compare(first.rgba, second.rgba)).toBe(0);
});

test("an empty picture is not trusted", async () => {
  const photo = await sharp({
    create: { width: 300, height: 400, channels: 3, background: "#b8b2aa" },
  })
    .jpeg()
    .toBuffer();

  const cut = await cutOutGarment(photo);

  expect(cut.confidence).toBeLessThan(CUT_OUT_TRUST);
});

test.each([
  ["white", { r: 255, g: 255, b: 255, alpha: 1 }],
  ["clear", { r: 0, g: 0, b: 0, alpha: 0 }],
])("a %s photo is kept whole without a search, with confidence 0", async (_name, background) => {
  const photo = await sharp({ create: { width: 600, height: 800, channels: 4, background } })
    .png()
    .toBuffer();
  const before = process.cpuUsage();

  const cut = await cutOutGarment(photo);

  const { user, system } = process.cpuUsage(before);
  expect(cut.box).toEqual({ left: 0, top: 0, width: 600, height: 800 });
  expect(cut.confidence).toBe(0);
  expect((user + system) / 1000).toBeLessThan(2_000);
});

test("bytes that are no picture are refused", async () => {
  const wrong = cutOutGarment(new TextEncoder().encode("no picture"));

  await expect(wrong).rejects.toThrow();
});

test("OpenCV leaves no handlers on the process that would end it", async () => {
  const before = process.listenerCount("unhandledRejection");

  await cutOutGarment(
    await sharp(await drawnGarment("dress", 0))
      .resize(200)
      .toBuffer(),
  );

  expect(process.listenerCount("unhandledRejection")).toBe(before);
});

test("a bundle cuts out under plain Node as well", async () => {
  const folder = await mkdtemp(join(tmpdir(), "cut-out-"));
  const photo = join(folder, "photo.jpg");
  await writeFile(
    photo,
    await sharp(await drawnGarment("dress", 1))
      .resize(300)
      .toBuffer(),
  );
  const entry = join(import.meta.dir, "cut-out.ts");
  const built = await Bun.build({ entrypoints: [entry], target: "node", external: ["sharp"] });
  const bundle = join(import.meta.dir, `.cut-out-${process.pid}.mjs`);
  await Bun.write(bundle, await (built.outputs[0] ?? new Blob()).text());
  const script = `const { cutOutGarment } = await import(${JSON.stringify(bundle)});
    const { readFile } = await import("node:fs/promises");
    const cut = await cutOutGarment(await readFile(${JSON.stringify(photo)}));
    console.log(JSON.stringify({ width: cut.width, confidence: cut.confidence }));`;

  const run = Bun.spawn(["node", "--input-type=module", "-e", script], {
    stdout: "pipe",
    stderr: "pipe",
  });
  const [text, errors] = await Promise.all([
    new Response(run.stdout).text(),
    new Response(run.stderr).text(),
  ]);
  await Promise.all([rm(folder, { recursive: true }), rm(bundle)]);

  expect(errors).toBe("");
  const answer: unknown = JSON.parse(text);
  expect(answer).toEqual({ width: 300, confidence: expect.any(Number) });
});
