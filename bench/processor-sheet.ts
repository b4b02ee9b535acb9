import { mkdir, readdir, readFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import sharp, { type OverlayOptions } from "sharp";
import {
  operationsSchema,
  type ImageOperations,
} from "../core/function-schemas/image-processor.ts";
import { reencodePicture } from "../scf-functions/ai-image-processor/reencode-picture.ts";

/**
 * Two pages to look at: `operations.png` (everything that the image processor does, on one photo) and
 * `cut-outs.png` (every photo beside its cut-out on white), and the CPU that each photo took.
 *
 *     bun bench/processor-sheet.ts --out <folder> [--photos <folder of .jpg>] [--photo <name for operations>]
 */
type Tile = { readonly label: string; readonly pictures: readonly Buffer[] };

const TILE = { width: 300, label: 40, gap: 12, columns: 5 } as const;

const OPERATIONS: readonly (readonly [string, ImageOperations])[] = [
  ["compress q30", { quality: 30 }],
  ["targetBytes 45 kB webp", { format: "webp", targetBytes: 45_000 }],
  ["fit 200x200", { resize: { width: 200, height: 200 } }],
  ["fill 300x200", { resize: { width: 300, height: 200, mode: "fill" } }],
  ["cover 300x200", { resize: { width: 300, height: 200, mode: "cover" } }],
  [
    "contain 300x200",
    { resize: { width: 300, height: 200, mode: "contain" }, background: "#ffd9a0" },
  ],
  ["outside 200x200", { resize: { width: 200, height: 200, mode: "outside" } }],
  ["crop rectangle", { crop: { left: 60, top: 80, width: 200, height: 200 } }],
  ["crop 1:1 north", { crop: { ratio: "1:1", position: "north" } }],
  ["crop 1:1 attention", { crop: { ratio: "1:1", position: "attention" } }],
  ["watermark 中文", { watermark: { text: "霓裳旗舰店 · Drape" } }],
  [
    "centre, scale .8, gold",
    {
      watermark: {
        text: "新款上市",
        position: "centre",
        scale: 0.8,
        colour: "#ffd86b",
        opacity: 0.9,
      },
    },
  ],
  [
    "dark, northwest",
    {
      watermark: {
        text: "正品保证 & <Real>",
        position: "northwest",
        colour: "#222222",
        scale: 0.5,
      },
    },
  ],
  ["tile", { watermark: { text: "版权所有 Drape", tile: true, opacity: 0.4 } }],
  ["png, cut transparent", { format: "png", cutOut: { background: "transparent" } }],
  ["cut on #cfe3f1", { cutOut: { background: "#cfe3f1", shadow: true } }],
  ["marketplace", { cutOut: { preset: "marketplace" } }],
  [
    "marketplace + shadow + mark",
    {
      cutOut: { preset: "marketplace", shadow: true, side: 800 },
      watermark: { text: "霓裳旗舰店", colour: "#888888" },
    },
  ],
  ["avif", { format: "avif" }],
  ["webp preview 240", { format: "webp", purpose: "preview", resize: { width: 240 } }],
];

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      out: { type: "string" },
      photos: { type: "string", default: process.env["DRAPE_PHOTOS"] },
      photo: { type: "string", default: "shirt-3.jpg" },
    },
  });
  if (values.out === undefined) throw new Error("say where the sheets go: --out <folder>");
  if (values.photos === undefined) throw new Error("say where the photos are: --photos <folder>");
  await mkdir(values.out, { recursive: true });
  const folder = resolve(values.photos);
  const names = (await readdir(folder)).filter((name) => name.endsWith(".jpg")).sort();
  const one = await readFile(join(folder, values.photo));
  await writeSheet(await operationTiles(one), 400, join(values.out, "operations.png"));
  await writeSheet(await cutOutTiles(folder, names), 212, join(values.out, "cut-outs.png"));
}

async function operationTiles(photo: Buffer): Promise<Tile[]> {
  const tiles: Tile[] = [];
  for (const [label, operations] of OPERATIONS) {
    const { made, cpuMs } = await measure(photo, operations, label);
    const size = `${made.width}x${made.height} ${Math.round(made.body.byteLength / 1000)} kB`;
    print(`${label}: ${cpuMs} ms CPU, ${size}; ${made.report.done.join("; ")}`);
    tiles.push({ label: `${label} (${size})`, pictures: [made.body] });
  }
  return tiles;
}

async function cutOutTiles(folder: string, names: readonly string[]): Promise<Tile[]> {
  const tiles: Tile[] = [];
  const spent: number[] = [];
  for (const name of names) {
    const photo = await readFile(join(folder, name));
    const operations: ImageOperations = {
      format: "png",
      cutOut: { preset: "marketplace", side: 800 },
    };
    const { made, cpuMs } = await measure(photo, operations, name);
    const { confidence = 0, used = false } = made.report.cutOut ?? {};
    spent.push(cpuMs);
    print(`${name}: ${cpuMs} ms CPU, confidence ${confidence}${used ? "" : ", whole photo kept"}`);
    const label = `${name.replace(".jpg", "")} ${confidence}${used ? "" : " KEPT"}`;
    tiles.push({ label, pictures: [photo, made.body] });
  }
  const mean = spent.reduce((sum, ms) => sum + ms, 0) / Math.max(1, spent.length);
  print(`cut-outs: mean ${Math.round(mean)} ms CPU, most ${Math.max(0, ...spent)} ms`);
  return tiles;
}

async function measure(photo: Buffer, operations: ImageOperations, name: string) {
  const before = process.cpuUsage();
  const made = await reencodePicture(photo, operationsSchema.parse(operations), {
    name,
    timeoutMs: 60_000,
  });
  const { user, system } = process.cpuUsage(before);
  return { made, cpuMs: Math.round((user + system) / 1000) };
}

async function writeSheet(tiles: readonly Tile[], height: number, file: string): Promise<void> {
  const { columns } = TILE;
  const rows = Math.ceil(tiles.length / columns);
  const [wide, high] = [TILE.width + TILE.gap, height + TILE.label + TILE.gap];
  const layers: OverlayOptions[] = [];
  for (const [index, { label, pictures }] of tiles.entries()) {
    const left = (index % columns) * wide;
    const top = Math.floor(index / columns) * high;
    const width = Math.floor(TILE.width / pictures.length);
    for (const [at, picture] of pictures.entries()) {
      const input = await sharp(picture)
        .autoOrient()
        .resize(width - 2, height, { fit: "inside" })
        .png()
        .toBuffer();
      layers.push({ input, left: left + at * width, top: top + TILE.label });
    }
    layers.push({ input: labelOf(label), left, top });
  }
  const size = { width: columns * wide, height: rows * high };
  await sharp({ create: { ...size, channels: 3, background: "#d4d8dc" } })
    .composite(layers)
    .png()
    .toFile(file);
  print(`wrote ${file}`);
}

function labelOf(text: string): Buffer {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="${TILE.width}" height="${TILE.label}"><text x="2" y="26" font-size="15" font-family="Noto Sans SC Thin Medium, sans-serif">${escaped}</text></svg>`,
  );
}

const print = (line: string) => process.stdout.write(`${line}\n`);

await main();
