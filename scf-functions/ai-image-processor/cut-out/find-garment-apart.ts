import { FunctionFault } from "../../shared/function-error.ts";
import type { LabPicture } from "./cut-out-mask.ts";
import type { FoundGarment } from "./find-garment.ts";
import { type GarmentFinder, startGarmentFinder } from "./garment-finder.ts";

export type SearchLimits = {
  /** CPU time of one search, by which no picture may be worth more than others. */
  readonly cpuMs: number;
  /** Time of one search, for a machine that gives little CPU or does not tell it. */
  readonly timeMs: number;
};

/** A photo takes 0.3 to 0.9 s of CPU here; a core of a cloud function may be half as fast. */
export const SEARCH_LIMITS: SearchLimits = { cpuMs: 2_000, timeMs: 10_000 };
const LOOK_EVERY_MS = 50;

let finder: GarmentFinder | undefined;
let queue: Promise<unknown> = Promise.resolve();

/**
 * `findGarment` beside this thread, one picture at a time, ended at its limits and after `timeoutMs` (waiting for its
 * turn included): then null, and the next search starts anew. GrabCut takes from half a second to minutes, in
 * one call that nothing but the end of its thread stops. Rejects with a
 * `FunctionFault` when the search itself fails.
 */
export function findGarmentApart(
  picture: LabPicture,
  timeoutMs: number,
  limits: SearchLimits = SEARCH_LIMITS,
): Promise<FoundGarment | null> {
  const endsAt = performance.now() + timeoutMs;
  const mine = queue.then(() => search(picture, endsAt, limits));
  queue = mine.catch(() => undefined);
  return mine;
}

async function search(
  picture: LabPicture,
  endsAt: number,
  limits: SearchLimits,
): Promise<FoundGarment | null> {
  if (performance.now() >= endsAt) return null;
  const program = (finder ??= startGarmentFinder());
  let stopped = false;
  const stop = (): void => {
    stopped = true;
    program.end();
  };
  const late = setTimeout(stop, Math.min(limits.timeMs, endsAt - performance.now()));
  let look: NodeJS.Timeout | undefined;
  try {
    await program.ready;
    const before = program.cpuMs() ?? 0;
    look = setInterval(() => {
      if ((program.cpuMs() ?? 0) - before > limits.cpuMs) stop();
    }, LOOK_EVERY_MS);
    return await program.find(picture);
  } catch (error) {
    program.end();
    finder = undefined;
    if (stopped) return null;
    throw new FunctionFault("the search for the garment failed", { cause: error });
  } finally {
    clearTimeout(late);
    clearInterval(look);
  }
}
