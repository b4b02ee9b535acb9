import { randomUUID } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { newId } from "../../core/model/ids.ts";
import { verifyLedger } from "../../db/ledger-audit/verify-ledger.ts";
import { makeContactSheet } from "./contact-sheet.ts";
import type { Product } from "../../commands/all-in-one.ts";
import type { Photo } from "./collect-photos.ts";
import { DemoClient, type DemoTask } from "./demo-client.ts";
import type { DemoImage, DemoReport } from "./demo-report.ts";
import type { DemoOptions } from "./demo-options.ts";
import type { DemoStory } from "./demo-story.ts";
import { countRows, reportEngines } from "./report-engines.ts";
import type { ServerEvent } from "./read-events.ts";

const DEMO_CREDITS = 500;

type Demo = {
  readonly options: DemoOptions;
  readonly photos: readonly Photo[];
  readonly product: Product;
  readonly story: DemoStory;
  readonly signal: AbortSignal;
  readonly startedMs: number;
};

/** The main job as a customer lives it: sign up, upload, create, follow, fetch, and check the ledger afterwards. */
export async function runDemo(demo: Demo): Promise<DemoReport> {
  const { options, photos, product, story, signal } = demo;
  const rowsBefore = await countRows(product.db);
  const client = new DemoClient(product.url, signal);
  await client.register(`demo-${randomUUID()}@example.com`, randomUUID());
  const id = newId("trf", Date.now(), product.deps.random);
  const grant = { id, userId: client.userId, amount: DEMO_CREDITS };
  await product.deps.store.credits.grant({ ...grant, reason: "demo", actor: "system" });
  story.print(`👤 demo customer with ${DEMO_CREDITS} credits`);
  const clothingImages: string[] = [];
  for (const photo of photos) {
    clothingImages.push(await client.upload(photo));
    story.print(`⬆️  ${photo.name} (${Math.ceil(photo.bytes.byteLength / 1024)} KB)`);
  }
  const { scene, style, size, n } = options;
  const created = await client.createTask({
    clothingImages,
    sceneType: scene,
    stylePreference: style,
    options: { size, quality: "standard", n },
  });
  story.print(`🧾 ${created.id}: ${created.cost.held} credits held`);
  const { steps, firstImageMs } = await follow(demo, client.follow(created.id)).catch(
    async (error: unknown) => {
      // Left to itself the task would go on and be charged for nobody.
      if (signal.aborted) await client.cancelTask(created.id);
      throw error;
    },
  );
  const endedMs = Math.round(performance.now() - demo.startedMs);
  const task = await client.readTask(created.id);
  const saved = await saveResults(demo, client, task);
  const checks = await verifyLedger(product.db.kysely, await product.deps.store.nowMs());
  return {
    taskId: task.id,
    status: task.status,
    ...saved,
    prompt: task.result?.prompt ?? null,
    cost: task.cost,
    ledgerVerified: checks.every(({ findings }) => findings.length === 0),
    engines: await reportEngines(product, rowsBefore),
    degradations: task.degradations,
    steps,
    error: task.error,
    firstImageMs,
    endedMs,
    totalMs: Math.round(performance.now() - demo.startedMs),
  };
}

type StepData = { step?: string; index?: number; state?: string; durationMs?: number };

async function follow(demo: Demo, events: AsyncGenerator<ServerEvent>) {
  const steps: { name: string; ms: number }[] = [];
  let firstImageMs: number | null = null;
  for await (const event of events) {
    demo.story.event(event);
    const { step, index = 0, state, durationMs = 0 } = event.data as StepData; // our own API's answer
    if (event.type === "task.image")
      firstImageMs ??= Math.round(performance.now() - demo.startedMs);
    if (event.type !== "task.step" || step === undefined || state !== "done") continue;
    steps.push({ name: `${step}-${index}`, ms: durationMs });
  }
  return { steps, firstImageMs };
}

async function saveResults(
  { options, photos }: Demo,
  client: DemoClient,
  task: DemoTask,
): Promise<{ images: DemoImage[]; contactSheet: string | null }> {
  const results = task.result?.images ?? [];
  if (results.length === 0) return { images: [], contactSheet: null };
  const folder = resolve(options.out, task.id);
  await mkdir(folder, { recursive: true });
  const pictures: { bytes: Uint8Array }[] = [];
  const images: DemoImage[] = [];
  for (const { index, url, width, height, format, provider } of results) {
    const bytes = await client.download(url);
    const path = join(folder, `image-${index + 1}.${format === "jpeg" ? "jpg" : format}`);
    await writeFile(path, bytes);
    pictures.push({ bytes });
    images.push({ path, width, height, bytes: bytes.byteLength, format, provider });
  }
  const garments = photos.map(({ bytes }) => ({ bytes }));
  const contactSheet = join(folder, "contact-sheet.jpg");
  await writeFile(contactSheet, await makeContactSheet({ garments, results: pictures }));
  return { images, contactSheet };
}
