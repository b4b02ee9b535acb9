import { z } from "zod";
import type { Deps } from "../deps.ts";

/** Where workers say how many tasks they run at a time; a killed one's word ends after this time. */
const WORKER_CONCURRENCY_TOPIC = "worker-slots";
const WORKER_CONCURRENCY_LIFE_MS = 25_000;

/** When a worker was seen last, remembered for a day after it is gone. */
const LAST_SEEN_TOPIC = "worker-last-seen";
const LAST_SEEN_ID = "any";
const LAST_SEEN_LIFE_MS = 24 * 3_600_000;

const concurrencySchema = z.coerce.number().int().min(0).max(10_000);

/** Publishes how many tasks this worker runs at a time. A worker calls it every 10 s. */
export async function publishWorkerConcurrency(
  { registry, clock }: Pick<Deps, "registry" | "clock">,
  workerId: string,
  concurrency: number,
): Promise<void> {
  await registry.post(
    WORKER_CONCURRENCY_TOPIC,
    workerId,
    String(concurrency),
    WORKER_CONCURRENCY_LIFE_MS,
  );
  const seenMs = String(clock.nowMs());
  await registry.post(LAST_SEEN_TOPIC, LAST_SEEN_ID, seenMs, LAST_SEEN_LIFE_MS);
}

/** Takes back what a worker that stops has said: it runs no tasks from now on. */
export async function withdrawWorkerConcurrency(
  { registry }: Pick<Deps, "registry">,
  workerId: string,
): Promise<void> {
  await registry.post(WORKER_CONCURRENCY_TOPIC, workerId, "0", 1);
}

export type WorkersSeen = {
  readonly running: number;
  /** When the last of them was heard; null when none was within a day. */
  readonly lastSeenMs: number | null;
};

export async function readWorkersSeen({ registry }: Pick<Deps, "registry">): Promise<WorkersSeen> {
  const concurrencies = await readConcurrencies(registry);
  const running = concurrencies.filter((concurrency) => concurrency > 0).length;
  const [last] = await registry.read(LAST_SEEN_TOPIC);
  const lastSeenMs = z.coerce.number().int().positive().safeParse(last?.value).data ?? null;
  return { running, lastSeenMs };
}

/** Of all workers together; 0 when none has spoken, or when nobody can be heard. */
export async function readWorkerConcurrency({ registry }: Pick<Deps, "registry">): Promise<number> {
  return (await readConcurrencies(registry)).reduce((sum, concurrency) => sum + concurrency, 0);
}

async function readConcurrencies(registry: Deps["registry"]): Promise<readonly number[]> {
  const said = await registry.read(WORKER_CONCURRENCY_TOPIC);
  return said.map(({ value }) => concurrencySchema.safeParse(value).data ?? 0);
}
