import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ImageOperations } from "../core/function-schemas/image-operations.ts";
import { imageProcessorAnswerSchema } from "../core/function-schemas/image-processor.ts";
import { FUNCTIONS } from "../core/model/functions.ts";
import { findNode } from "../local/cloud-emulator/find-node.ts";
import { startFunctionInstance } from "../local/cloud-emulator/scf/function-instance.ts";
import { buildFunctions } from "../scf-functions/deploy/build-functions.ts";
import { startTestCos, type TestCos } from "../scf-functions/testing/cos.fixture.ts";
import { compareWithImageMagick } from "./against-imagemagick.ts";
import { LARGE, MARK, type TrialPicture, trialPictures } from "./trial-pictures.ts";

type Image = {
  readonly from: string;
  readonly to: string;
  readonly operations: ImageOperations;
  readonly variants?: readonly string[];
};
type Work = { readonly what: string; readonly ms: number; readonly megabytes: number };

const BATCH = 4;
const SLOW_MS_MAX = 30_000;
const MEMORY_MB = FUNCTIONS["ai-image-processor"].memoryMb;

const OPERATIONS: readonly Omit<Image, "from" | "to">[] = [
  { operations: {}, variants: ["list", "card", "detail"] },
  {
    operations: {
      resize: { width: 400, height: 400, mode: "cover" },
      watermark: { text: "霓裳旗舰店", tile: true },
      format: "webp",
    },
  },
  {
    operations: {
      crop: { ratio: "3:4", position: "attention" },
      background: "#00ff00",
      format: "png",
    },
  },
  {
    operations: {
      resize: { width: 600, height: 500, mode: "contain" },
      watermark: { imageKey: "mark" },
      targetBytes: 20_000,
    },
  },
  {
    operations: {
      crop: { left: 10, top: 10, width: 4000, height: 4000 },
      format: "avif",
      quality: 40,
    },
  },
  { operations: { cutOut: { preset: "marketplace", shadow: true } } },
  { operations: { format: "avif" } },
  { operations: { resize: { width: 8192, height: 8192, mode: "fill", enlarge: true } } },
  {
    operations: {
      resize: { width: 8192, height: 8192, mode: "fill", enlarge: true },
      format: "avif",
    },
  },
];
/** Of these only every so manieth picture is made: they take seconds each. */
const SELDOM: Readonly<Record<number, number>> = { 5: 6, 7: 60, 8: 20 };

/**
 * `bun bench/picture-trials.ts [--large]`: three hundred pictures through all operations on one fresh instance of the built
 * processor, then sixty results against ImageMagick where it is installed. `--large` takes those that cost the most memory alone. Exit 1 when the instance died, a call took its
 * whole time, or a result is not what ImageMagick makes of it.
 */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: { large: { type: "boolean", default: false } } });
  const folder = await mkdtemp(join(tmpdir(), "picture-trials-"));
  try {
    await buildFunctions(folder);
    await using cos = await startTestCos();
    const pictures = values.large ? LARGE : trialPictures();
    for (const [at, picture] of pictures.entries()) {
      cos.entries.set(`in/${at}`, { body: await picture.make(), headers: {} });
    }
    cos.entries.set("mark", { body: await MARK.make(), headers: {} });
    const processor = startProcessor(join(folder, "ai-image-processor"), cos);
    const { works, refusals, breaches } = await runAll(processor, pictures);
    report(pictures.length, works, refusals);
    await processor.end();
    return [...breaches, ...(await compareWithImageMagick())].map(fail).length === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true });
  }
}

function startProcessor(folder: string, cos: TestCos) {
  return startFunctionInstance({
    node: findNode(process.env["PATH"] ?? ""),
    folder,
    handler: "index.main_handler",
    environment: {
      COS_BUCKET: "photos-1250000000",
      COS_ENDPOINT: `127.0.0.1:${cos.port}`,
      COS_REGION: "ap-guangzhou",
      COS_SECRET_ID: "id",
      COS_SECRET_KEY: "key",
      MALLOC_ARENA_MAX: "2",
      NODE_PATH: fileURLToPath(new URL("../node_modules", import.meta.url)),
    },
    // Longer than deployed: this machine may have other work, and what is judged is said at the end.
    timeoutMs: 4 * SLOW_MS_MAX,
    memoryMb: MEMORY_MB,
    log: () => undefined,
  });
}

type Processor = ReturnType<typeof startFunctionInstance>;

async function runAll(processor: Processor, pictures: readonly TrialPicture[]) {
  const works: Work[] = [];
  const refusals = new Map<string, string[]>();
  const breaches: string[] = [];
  for (const [kind, { operations, variants = [] }] of OPERATIONS.entries()) {
    print(`   operations ${kind + 1} of ${OPERATIONS.length}: ${JSON.stringify(operations)}`);
    const chosen = [...pictures.keys()].filter(
      (at) => at % (SELDOM[kind] ?? 1) === 0 || at >= pictures.length - LARGE.length,
    );
    for (let start = 0; start < chosen.length; start += BATCH) {
      const images = chosen
        .slice(start, start + BATCH)
        .map((at) => ({ from: `in/${at}`, to: `out/${kind}-${at}`, operations, variants }));
      const names = chosen.slice(start, start + BATCH).map((at) => pictures[at]?.name ?? "");
      const what = `${Object.keys(operations).join(" + ") || "nothing"} (${operations.format ?? "jpeg"}): ${names.join(", ")}`;
      const startedAt = performance.now();
      const end = await processor.call({
        id: what,
        event: JSON.stringify({ action: "process", images }),
        context: { request_id: what, time_limit_in_ms: 4 * SLOW_MS_MAX },
      });
      const ms = performance.now() - startedAt;
      works.push({ what, ms, megabytes: end.memoryBytes / 1024 / 1024 });
      if (end.status !== 200)
        return {
          works,
          refusals,
          breaches: [...breaches, `${what}: status ${end.status}, ${end.text.slice(0, 300)}`],
        };
      if (ms > SLOW_MS_MAX) breaches.push(`${what}: ${Math.round(ms)} ms`);
      for (const [at, refusal] of refusalsIn(end.text).entries()) {
        const name = names[at] ?? "";
        if (refusal === null) continue;
        if (!refusal.startsWith("IMAGE_")) breaches.push(`${name}: ${refusal}`);
        refusals.set(refusal, [...(refusals.get(refusal) ?? []), name]);
      }
    }
  }
  return { works, refusals, breaches };
}

/** Of each picture why it was refused, or null. */
function refusalsIn(text: string): readonly (string | null)[] {
  const answer = imageProcessorAnswerSchema.parse(JSON.parse(text));
  if (!answer.ok || !("items" in answer.result)) return [text];
  return answer.result.items.map((item) =>
    item.ok ? null : `${item.failure.code}: ${item.failure.message}`,
  );
}

function report(
  count: number,
  works: readonly Work[],
  refusals: ReadonlyMap<string, readonly string[]>,
): void {
  print(`📊 ${count} pictures, ${works.length} calls on one instance of ${MEMORY_MB} MB`);
  for (const { what, ms } of works.toSorted((a, b) => b.ms - a.ms).slice(0, 5))
    print(`   slowest  ${Math.round(ms)} ms  ${what}`);
  for (const { what, megabytes } of works.toSorted((a, b) => b.megabytes - a.megabytes).slice(0, 5))
    print(`   largest  ${Math.round(megabytes)} MB  ${what}`);
  for (const [reason, names] of refusals) {
    print(`   refused  ${names.length} x ${reason}`);
    print(`            ${[...new Set(names)].slice(0, 6).join(", ")}`);
  }
}

function fail(breach: string): string {
  print(`❌ ${breach}`);
  return breach;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.exit(await main());
