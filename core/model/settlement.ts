import { DELIVERING_STEP, promisedCount } from "./step-plan.ts";
import type { StepRecord } from "./step-results.ts";
import type { Task, TaskRequest, TerminalStatus } from "./task.ts";

export type Settlement = {
  readonly status: TerminalStatus;
  readonly postedCredits: number;
  readonly releasedCredits: number;
};

type Ending = "finished" | "canceled" | "expired";
type Facts = TaskRequest &
  Pick<Task, "heldCredits"> & {
    readonly steps: readonly Pick<StepRecord, "step" | "state" | "priceCredits">[];
  };

/**
 * What a task ends as and what it costs, from what is stored at that moment and nothing else:
 * every promised result (image, processed photo or prompt, by its type) -> succeeded, some -> partial, none ->
 * failed; cancel and deadline keep their own state. The steps that led to no result at all are free. Posted and
 * released always add up to the hold: a price above it, which only a mistake of ours can make, neither is charged
 * nor keeps the task from ending (`ledger:verify` I4c).
 */
export function settlementOf(task: Facts, ending: Ending): Settlement {
  const done = task.steps.filter((record) => record.state === "done");
  const delivered = done.filter((record) => record.step === DELIVERING_STEP[task.type]).length;
  const price = done.reduce((credits, record) => credits + record.priceCredits, 0);
  const posted = delivered === 0 ? 0 : Math.min(price, task.heldCredits);
  return {
    status: ending === "finished" ? statusOf(delivered, promisedCount(task)) : ending,
    postedCredits: posted,
    releasedCredits: task.heldCredits - posted,
  };
}

function statusOf(delivered: number, promised: number): TerminalStatus {
  if (delivered >= promised) return "succeeded";
  return delivered > 0 ? "partial" : "failed";
}
