import type { StepName } from "../model/step-results.ts";
import { stepOf, type TaskRun } from "./task-run.ts";

type Asked = { readonly step: StepName; readonly index: number; readonly key: string };

/**
 * Paid calls whose answer never came may still be running. Until their limit has passed nobody asks again; instead
 * the objects that they write are looked for. Calls `take` with those that appear, as soon as they do.
 */
export async function awaitLostAnswers(
  run: TaskRun,
  asked: readonly Asked[],
  take: (found: readonly Asked[]) => Promise<void>,
): Promise<void> {
  const { store, clock, objects, settings } = run.deps;
  const offsetMs = (await store.nowMs()) - clock.monotonicMs();
  let missing = asked;
  for (;;) {
    const found: Asked[] = [];
    for (const place of missing) {
      if ((await objects.head(place.key)) !== null) found.push(place);
    }
    if (found.length > 0) {
      run.deps.crashPoint("lost answer: found, not taken");
      await take(found);
    }
    const nowMs = clock.monotonicMs() + offsetMs;
    missing = missing.filter((place) => !found.includes(place) && askEndsMs(run, place) > nowMs);
    if (missing.length === 0) return;
    await clock.sleep(settings.lookForObjectMs, run.signal);
  }
}

function askEndsMs(run: TaskRun, place: Asked): number {
  const record = stepOf(run, place.step, place.index);
  return record === undefined ? 0 : record.askedAtMs + record.askLimitMs;
}

/** Those of `places` that an earlier attempt asked for without learning the outcome. */
export function lostAnswers<P extends Asked>(run: TaskRun, places: readonly P[]): P[] {
  return places.filter((place) => {
    const record = stepOf(run, place.step, place.index);
    return record?.state === "asked" && record.askLimitMs > 0;
  });
}
