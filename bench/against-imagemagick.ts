import { spawnSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import {
  type ImageOperations,
  operationsSchema,
} from "../core/function-schemas/image-operations.ts";
import { reencodePicture } from "../scf-functions/ai-image-processor/reencode-picture.ts";
import { halvesPng, hasAlpha, PNG_KINDS } from "../scf-functions/testing/drawn-png.fixture.ts";
import { noisePicture } from "../scf-functions/testing/pictures.fixture.ts";

type Measure = "largest difference" | "mean difference" | "PSNR";
type Comparison = {
  readonly name: string;
  readonly photo: Buffer;
  readonly operations: ImageOperations;
  /** ImageMagick's arguments between its input and output. */
  readonly flags: readonly string[];
  readonly measure: Measure;
};

/** Levels of 255, and decibels. */
const LIMITS = { "largest difference": 1, "mean difference": 1, PSNR: 38 } as const;
const SIZE = { width: 90, height: 70 };

/** What differs from ImageMagick's results by more than it may; nothing, said aloud, where that is not installed. */
export async function compareWithImageMagick(): Promise<readonly string[]> {
  const command = ["magick", "convert"].find((name) => {
    const { stdout } = spawnSync(name, ["-version"], { encoding: "utf8" });
    return stdout?.includes("Version: ImageMagick");
  });
  if (command === undefined) {
    process.stdout.write(
      "⚠️  SKIPPED: ImageMagick is not installed, no result was held against it\n",
    );
    return [];
  }
  const folder = await mkdtemp(join(tmpdir(), "against-imagemagick-"));
  try {
    const comparisons = await allComparisons(folder);
    const breaches: string[] = [];
    for (const comparison of comparisons) {
      const breach = await compare(comparison, command, folder);
      if (breach !== null) breaches.push(breach);
    }
    process.stdout.write(
      `📊 ${comparisons.length} results held against ImageMagick, ${breaches.length} differ\n`,
    );
    return breaches;
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function allComparisons(folder: string): Promise<readonly Comparison[]> {
  const noise = await noisePicture(SIZE).png().toBuffer();
  const soft = await noisePicture({ width: 24, height: 18 }).resize(480, 360).png().toBuffer();
  const exact = { measure: "largest difference" } as const;
  const crops = Array.from({ length: 19 }, (_, i) => {
    const area = { left: 3 * i, top: 2 * i, width: 20 + i, height: 15 + i };
    const flags = ["-crop", `${area.width}x${area.height}+${area.left}+${area.top}`, "+repage"];
    return { name: `crop ${i}`, photo: noise, operations: { crop: area }, flags, ...exact };
  });
  const turned = await Promise.all(
    [1, 2, 3, 4, 5, 6, 7, 8].map(async (orientation) => ({
      name: `orientation ${orientation}`,
      photo: await sharp(noise)
        .withMetadata({ orientation })
        .jpeg({ quality: 100, chromaSubsampling: "4:4:4" })
        .toBuffer(),
      operations: {},
      flags: ["-auto-orient"],
      ...exact,
    })),
  );
  const kinds = PNG_KINDS.map((kind) => ({
    name: `png of ${kind.join(" bits, colour type ")}`,
    photo: halvesPng(kind),
    operations: { background: "#00ff00" },
    flags: hasAlpha(kind) ? ["-background", "#00ff00", "-flatten"] : [],
    ...exact,
  }));
  const resizes = [40, 64, 100, 111, 150, 200, 240, 300, 333, 400, 440, 470].map((width) => ({
    name: `resize to ${width}`,
    photo: soft,
    operations: { resize: { width } },
    flags: ["-filter", "Lanczos", "-resize", `${width}x`],
    measure: "PSNR" as const,
  }));
  return [...crops, ...turned, ...kinds, ...resizes, ...(await profiles(soft, folder))];
}

/** Colours of another profile, as sRGB; ImageMagick wants that as a file. */
async function profiles(soft: Buffer, folder: string): Promise<readonly Comparison[]> {
  const { icc } = await sharp(await sharp(soft).withIccProfile("srgb").png().toBuffer()).metadata();
  const file = join(folder, "srgb.icc");
  await writeFile(file, icc ?? Buffer.alloc(0));
  const contents = [0, 60, 120, 180, 240, 300].map((hue) =>
    sharp(soft)
      .tint({ r: 120 + hue / 3, g: 180, b: 220 - hue / 3 })
      .withIccProfile("p3")
      .png()
      .toBuffer(),
  );
  return (await Promise.all(contents)).map((photo, i) => ({
    name: `profile ${i}`,
    photo,
    operations: {},
    flags: ["-profile", file],
    measure: "mean difference",
  }));
}

async function compare(
  { name, photo, operations, flags, measure }: Comparison,
  command: string,
  folder: string,
) {
  const file = join(folder, "photo");
  await writeFile(file, photo);
  const made = await reencodePicture(
    photo,
    operationsSchema.parse({ ...operations, format: "png" }),
    { name, timeoutMs: 20_000 },
  );
  const own = await sharp(made.body).removeAlpha().raw().toBuffer();
  const run = spawnSync(command, [file, ...flags, "-colorspace", "sRGB", "-depth", "8", "rgb:-"], {
    maxBuffer: 100_000_000,
  });
  if (run.status !== 0)
    return `${name}: ImageMagick failed: ${run.stderr.toString().slice(0, 200)}`;
  if (run.stdout.length !== own.length)
    return `${name}: ${own.length} bytes, ImageMagick has ${run.stdout.length}`;
  const value = MEASURES[measure](own, run.stdout);
  const isFine = measure === "PSNR" ? value >= LIMITS[measure] : value <= LIMITS[measure];
  return isFine ? null : `${name}: ${measure} ${value.toFixed(2)}, the limit is ${LIMITS[measure]}`;
}

const differences = (one: Uint8Array, other: Uint8Array) =>
  Array.from(one, (value, at) => Math.abs(value - (other[at] ?? 0)));
const MEASURES: Readonly<Record<Measure, (one: Uint8Array, other: Uint8Array) => number>> = {
  "largest difference": (one, other) =>
    differences(one, other).reduce((most, value) => Math.max(most, value), 0),
  "mean difference": (one, other) =>
    differences(one, other).reduce((sum, value) => sum + value, 0) / one.length,
  PSNR(one, other) {
    const square = differences(one, other).reduce((sum, value) => sum + value ** 2, 0) / one.length;
    return square === 0 ? Number.POSITIVE_INFINITY : 10 * Math.log10(255 ** 2 / square);
  },
};
