import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { freshId } from "../core/model/ids.fixture.ts";
import type { SettingsChange } from "../core/model/task-settings.ts";
import { verifyLedger } from "../db/ledger-audit/verify-ledger.ts";
import { DemoClient, type DemoTask } from "../local/demo/demo-client.ts";
import { drawnGarment } from "../local/samples/drawn-garment.fixture.ts";
import type { Environment } from "../runtime/config/parse-config.ts";
import type { EmbeddedCloudOptions } from "../runtime/embedded-cloud.ts";
import { builtFunctions } from "./built-functions.ts";
import { startProductOnNode } from "./journey-on-node.ts";
import { startProductHere, type JourneyProduct } from "./journey-product.ts";
import { chosenRuntime } from "./runtimes.ts";
import { send } from "./send.ts";

/** Waits made short: what takes seconds in life takes moments here, in the same order. */
const QUICK: SettingsChange = {
  retries: { attemptBackoffMs: 20, tryBackoffMs: 5 },
  circuits: { circuitPatienceMs: 300, circuitResetMs: 100, pauseProbeMs: 200 },
  calls: { lookForObjectMs: 50 },
  schedules: { dispatchMs: 50, sweepMs: 200 },
};

/** Variables of the configuration, and what the emulated cloud is told. */
export type JourneyOptions = Omit<EmbeddedCloudOptions, "dataDir" | "log"> & {
  readonly environment?: Environment;
};

export type Journey = Omit<JourneyProduct, "controlUrl" | "providersUrl" | "stop"> & {
  /** Lines of the product's log. */
  readonly lines: readonly string[];
  /** Faults and the deployment of the emulated cloud; throws when it refuses. */
  control(method: string, path: string, body?: unknown): Promise<unknown>;
  /** Faults and the request log of the provider emulators. */
  providers(method: string, path: string, body?: unknown): Promise<unknown>;
  customer(credits: number): Promise<DemoClient>;
  /** Invariants that are broken. */
  broken(): Promise<readonly string[]>;
  close(): Promise<void>;
};

/** How long a customer of a journey may wait for anything. */
const CUSTOMER_LIMIT_MS = 600_000;

/**
 * The whole product on free ports in a folder of its own: in this process, or with `RUNTIME=node` in one on Node. Its
 * pictures are plain ones, unless `plainPictures: false` asks for previews of the garment.
 */
export async function openJourney(
  options: JourneyOptions = {},
  settings: SettingsChange = {},
): Promise<Journey> {
  const dataDir = mkdtempSync(join(tmpdir(), "drape-journey-"));
  const lines: string[] = [];
  const { environment = {}, ...cloud } = options;
  const start = chosenRuntime() === "node" ? startProductOnNode : startProductHere;
  const order = {
    dataDir,
    environment,
    embeddedCloud: { plainPictures: true, ...builtFunctions(), ...cloud },
    settings: [QUICK, settings],
  };
  const product = await start(order, (line) => void lines.push(line));
  const { controlUrl, providersUrl, stop, ...parts } = product;
  const { store, objects, db, url } = parts;
  return {
    ...parts,
    lines,
    control: (method, path, body) => send(`${controlUrl}${path}`, method, body),
    providers: (method, path, body) => send(`${providersUrl}${path}`, method, body),
    async customer(credits) {
      const client = new DemoClient(url, AbortSignal.timeout(CUSTOMER_LIMIT_MS));
      await client.register(`${freshId("usr")}@example.com`, "a long enough password");
      const id = freshId("trf");
      const grant = { id, userId: client.userId, amount: credits, reason: "test", actor: "system" };
      if (credits > 0) await store.credits.grant(grant);
      return client;
    },
    async broken() {
      const head = (key: string) => objects.head(key);
      const results = await verifyLedger(db.kysely, await store.nowMs(), { head });
      return results
        .filter(({ findings }) => findings.length > 0)
        .map(({ invariant, findings }) => `${invariant} ${JSON.stringify(findings)}`);
    },
    async close() {
      await stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const PHOTO_WIDTH = 480;
let sample: Promise<Uint8Array> | undefined;

/** One garment that the project draws, in the size of a small photo, drawn once a process. */
export function sampleBytes(): Promise<Uint8Array> {
  sample ??= drawnGarment("t-shirt", 0).then((photo) =>
    sharp(photo).resize(PHOTO_WIDTH).jpeg({ quality: 90 }).toBuffer(),
  );
  return sample;
}

/** Uploads the drawn garment and gives its address. */
export async function uploadSample(client: DemoClient): Promise<string> {
  return client.upload({
    name: "t-shirt.jpg",
    bytes: await sampleBytes(),
    contentType: "image/jpeg",
  });
}

export function generation(clothingImages: readonly string[], n = 2) {
  return {
    clothingImages,
    sceneType: "studio",
    stylePreference: "elegant",
    options: { size: "1024x1024", quality: "standard", n },
  };
}

/** The task once it has ended, which its event stream tells. */
export async function untilEnded(client: DemoClient, taskId: string): Promise<DemoTask> {
  for await (const _ of client.follow(taskId));
  return client.readTask(taskId);
}
