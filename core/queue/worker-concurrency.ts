import { z } from "zod";
import type { Deps } from "../deps.ts";

/** Where workers say how many tasks they run at a time; a killed one's word ends after this time. */
const WORKER_SLOTS_TOPIC = "worker-slots";
const WORKER_SLOTS_LIFE_MS = 25_000;

const slotsSchema = z.coerce.number().int().min(0).max(10_000);

/** Tells how many tasks this worker runs at a time. A worker calls it every 10 s. */
export async function publishWorkerSlots(
  { roster }: Pick<Deps, "roster">,
  workerId: string,
  slots: number,
): Promise<void> {
  await roster.post(WORKER_SLOTS_TOPIC, workerId, String(slots), WORKER_SLOTS_LIFE_MS);
}

/** Of all workers together; 0 when none has spoken, or when nobody can be heard. */
export async function readWorkerSlots({ roster }: Pick<Deps, "roster">): Promise<number> {
  const said = await roster.read(WORKER_SLOTS_TOPIC);
  return said.reduce((sum, { value }) => sum + (slotsSchema.safeParse(value).data ?? 0), 0);
}
