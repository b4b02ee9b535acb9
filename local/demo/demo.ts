import { access, constants, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { operatorText } from "../../core/model/errors.ts";
import { createLog } from "../../core/resilience/log.ts";
import { collectPhotos, type Photo } from "./collect-photos.ts";
import { DEMO_USAGE, parseDemoOptions, type DemoOptions } from "./demo-options.ts";
import { createDemoStory, printReport } from "./demo-story.ts";
import { runDemo } from "./run-demo.ts";
import { startServers, type Servers } from "../dev/start-servers.ts";
import { startAllInOne, type Product } from "../../commands/all-in-one.ts";
import { embeddedConfig } from "../embedded-config.ts";
import { drawSampleGarment, sampleColour } from "../samples/draw-sample-garment.ts";

const INTERRUPTED = 130;
/** Drawn when no photo is given. */
const SAMPLES = ["t-shirt", "dress"] as const;

/** Exit 0 only when the whole job was done and the ledger is right; 130 after Ctrl-C; 1 with a reason otherwise. */
async function main(args: readonly string[]): Promise<number> {
  const startedMs = performance.now();
  const options = parseDemoOptions(args);
  if (options.help) {
    process.stdout.write(`${DEMO_USAGE}\n`);
    return 0;
  }
  const photos = await photosFor(options);
  await checkWritable(options.out);
  const interrupt = new AbortController();
  const onSignal = () => interrupt.abort(new Error("interrupted"));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  const story = createDemoStory(options.json);
  const dataDir = await mkdtemp(join(tmpdir(), "drape-demo-"));
  let product: Product | null = null;
  let servers: Servers | null = null;
  try {
    story.print("🚀 starting database, queue, worker, API and the emulated cloud");
    servers = await startServers(options, dataDir);
    const config = embeddedConfig(dataDir, servers.variables);
    product = await startAllInOne(config, { dataDir, log: demoLog() });
    interrupt.signal.throwIfAborted();
    story.print(`🚀 API at ${product.url}`);
    const { signal } = interrupt;
    const report = await runDemo({ options, photos, product, story, signal, startedMs });
    if (options.json) process.stdout.write(`${JSON.stringify(report, null, 2)}\n`);
    else printReport(report);
    return report.status === "succeeded" && report.ledgerVerified ? 0 : 1;
  } catch (error) {
    if (!interrupt.signal.aborted) throw error;
    process.stderr.write("\n❌ stopped by Ctrl-C: the task was canceled, nothing was kept\n");
    return INTERRUPTED;
  } finally {
    await product?.stop();
    await servers?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function photosFor(options: DemoOptions): Promise<readonly Photo[]> {
  if (options.paths.length > 0) return collectPhotos(options.paths);
  return Promise.all(
    SAMPLES.map(async (kind, index) => ({
      name: `${sampleColour(index)}-${kind}.jpg`,
      bytes: await drawSampleGarment(kind, index),
      contentType: "image/jpeg" as const,
    })),
  );
}

/** Before any work is done: results that cannot be kept are worth nothing. */
async function checkWritable(out: string): Promise<void> {
  try {
    await mkdir(out, { recursive: true });
    await access(out, constants.W_OK);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException; // what node:fs throws
    throw new Error(
      `Results cannot be written to ${resolve(out)} (${code ?? message}): use --out FOLDER.`,
      { cause: error },
    );
  }
}

/** Failures only, on stderr, so that the story and the JSON stay whole. */
function demoLog() {
  return createLog({
    format: "pretty",
    level: process.env["DRAPE_DEMO_LOG"] === "all" ? "all" : "quiet",
    write: (line) => process.stderr.write(`${line}\n`),
    nowMs: () => Date.now(),
  });
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${operatorText(error)}\n`);
    process.exit(1);
  },
);
