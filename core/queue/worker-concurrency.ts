import { z } from "zod";
import type { Deps } from "../deps.ts";

/** Where workers say how many tasks they run at a time; a killed one's word ends after this time. */
const WORKER_CONCURRENCY_TOPIC = "worker-slots";
const WORKER_CONCURRENCY_LIFE_MS = 25_000;

const concurrencySchema = z.coerce.number().int().min(0).max(10_000);

/** Publishes how many tasks this worker runs at a time. A worker calls it every 10 s. */
export async function publishWorkerConcurrency(
  { registry }: Pick<Deps, "registry">,
  workerId: string,
  concurrency: number,
): Promise<void> {
  await registry.post(
    WORKER_CONCURRENCY_TOPIC,
    workerId,
    String(concurrency),
    WORKER_CONCURRENCY_LIFE_MS,
  );
}

/** Of all workers together; 0 when none has spoken, or when nobody can be heard. */
export async function readWorkerConcurrency({ registry }: Pick<Deps, "registry">): Promise<number> {
  const said = await registry.read(WORKER_CONCURRENCY_TOPIC);
  return said.reduce((sum, { value }) => sum + (concurrencySchema.safeParse(value).data ?? 0), 0);
}
