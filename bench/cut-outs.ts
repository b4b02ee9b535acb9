import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import sharp from "sharp";
import { operationsSchema } from "../core/function-schemas/image-processor.ts";
import { reencodePicture } from "../scf-functions/ai-image-processor/reencode-picture.ts";

type Point = readonly [x: number, y: number];
type CutOutCase = {
  readonly photo: string;
  readonly what: string;
  /** In shares of the picture: what must stay of the garment, and what must go of the rest. */
  readonly stays: readonly Point[];
  readonly goes: readonly Point[];
};

/** What is to be seen on photos that sellers took, by their names in the folder; the repository holds none of them. */
const CASES: readonly CutOutCase[] = [
  {
    photo: "shorts-3",
    what: "the floor between the legs goes, the legs stay",
    stays: [
      [0.25, 0.6],
      [0.75, 0.6],
    ],
    goes: [[0.49, 0.8]],
  },
  {
    photo: "outwear-1",
    what: "a piece of furniture beside the garment goes",
    stays: [[0.5, 0.4]],
    goes: [[0.16, 0.77]],
  },
  {
    photo: "t-shirt-1",
    what: "a sleeve in the shade stays on its shirt",
    stays: [
      [0.14, 0.35],
      [0.8, 0.4],
    ],
    goes: [[0.08, 0.7]],
  },
  {
    photo: "shirt-2",
    what: "what the photo's edge crosses is not cut short of it",
    stays: [
      [0.01, 0.86],
      [0.99, 0.86],
    ],
    goes: [[0.02, 0.5]],
  },
  {
    photo: "shoes-2",
    what: "a pair that the edge crosses stays a pair",
    stays: [
      [0.03, 0.3],
      [0.03, 0.5],
      [0.27, 0.65],
      [0.75, 0.65],
    ],
    goes: [
      [0.01, 0.9],
      [0.5, 0.9],
    ],
  },
];
/** What cannot be cut well is kept whole. */
const KEPT_WHOLE: readonly string[] = ["shoes-1", "shorts-2"];
/** Of the thirty photos that this was measured on so many were cut; fewer are worse. */
const MEASURED = { photos: 30, cut: 28 };
const OPAQUE = 230;
const CLEAR = 30;

/** `bun bench/cut-outs.ts FOLDER`: cuts every photo of the folder out; exit 1 when a known one came out worse than it should. */
async function main(): Promise<number> {
  const { positionals } = parseArgs({ allowPositionals: true });
  const folder = positionals[0] ?? process.env["DRAPE_PHOTOS"];
  if (folder === undefined)
    throw new Error("say where the photos are: bun bench/cut-outs.ts FOLDER");
  const files = (await readdir(folder)).filter((name) => name.endsWith(".jpg")).sort();
  let [cut, right, wrong] = [0, 0, 0];
  const judge = (ok: boolean, words: string) => {
    if (ok) right += 1;
    else wrong += 1;
    print(`${ok ? "✅" : "❌"} ${words}`);
  };
  for (const file of files) {
    const name = file.slice(0, -".jpg".length);
    const photo = await cutOut(await readFile(join(folder, file)), name);
    if (photo.used) cut += 1;
    print(`   ${name.padEnd(14)} ${photo.used ? "cut" : "kept whole"}  ${photo.confidence}`);
    for (const wanted of CASES.filter((one) => one.photo === name)) {
      const stays = wanted.stays.every((point) => photo.alphaAt(point) > OPAQUE);
      judge(
        stays && wanted.goes.every((point) => photo.alphaAt(point) < CLEAR),
        `${name}: ${wanted.what}`,
      );
    }
    if (KEPT_WHOLE.includes(name)) judge(!photo.used, `${name}: cannot be cut well, is kept whole`);
  }
  print(
    `📊 ${cut} of ${files.length} photos cut; of what is known of them ${right} right, ${wrong} wrong`,
  );
  const fewer = files.length === MEASURED.photos && cut < MEASURED.cut;
  if (fewer) print(`❌ ${MEASURED.cut} of them were cut when this was written`);
  return wrong === 0 && right > 0 && !fewer ? 0 : 1;
}

async function cutOut(photo: Buffer, name: string) {
  const operations = operationsSchema.parse({
    format: "png",
    cutOut: { background: "transparent" },
  });
  const made = await reencodePicture(photo, operations, { name, timeoutMs: 60_000 });
  const { used = false, confidence = 0 } = made.report.cutOut ?? {};
  const { data, info } = await sharp(made.body)
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const alphaAt = ([x, y]: Point) =>
    data[4 * (Math.round(y * info.height) * info.width + Math.round(x * info.width)) + 3] ?? -1;
  return { used, confidence: confidence.toFixed(2), alphaAt };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exit(await main());
