import type { Deps, StoreParts } from "../deps.ts";
import { readFunctionHealth, type SaidOfFunction } from "../invocation/function-health.ts";
import type { FunctionName } from "../model/functions.ts";
import type { TaskType } from "../model/task.ts";
import { memoizeWithTtl } from "../resilience/memoize-with-ttl.ts";
import { readWorkerConcurrency } from "./worker-concurrency.ts";

/** Why waiting tasks do not move, the reason that hides the others first. */
export type QueueBlock =
  | "paused"
  | "queue-away"
  | "no-worker"
  | "function-paused"
  | "circuit-open"
  | "provider-limit";

/**
 * Why tasks of a type wait and nobody can say for how long; null when they move. From what the workers said of
 * themselves within their heartbeat, so a change is seen after some seconds.
 */
export interface QueueBlocks {
  find(type: TaskType): Promise<QueueBlock | null>;
}

type BlockDeps = StoreParts<"queue"> &
  Pick<Deps, "queue" | "registry" | "functionPauses" | "clock">;

const LIFE_MS = 2_000;
/** Calls that wait this long for the provider's rate have more before them than a burst. */
const RATE_WAIT_MS = 5_000;

/** Without these a task of the type cannot go on; what has a lesser replacement is not among them. */
const NEEDED: Record<TaskType, readonly FunctionName[]> = {
  FULL_GENERATION: ["ai-image-processor", "image-generator"],
  PREPROCESS_ONLY: ["ai-image-processor"],
  PROMPT_ONLY: ["ai-image-processor", "prompt-generator"],
  GENERATE_ONLY: ["image-generator"],
};
/** A paused function is waited for even where it has a replacement: an operator mends it. */
const PAUSES: Record<TaskType, readonly FunctionName[]> = {
  ...NEEDED,
  FULL_GENERATION: ["ai-image-processor", "prompt-generator", "image-generator"],
};

export function createQueueBlocks(deps: BlockDeps): QueueBlocks {
  const look = memoizeWithTtl(() => lookAt(deps), LIFE_MS, deps.clock);
  return {
    async find(type) {
      const { whole, paused, health } = await look();
      if (whole !== null) return whole;
      if (PAUSES[type].some((name) => paused[name] !== null)) return "function-paused";
      const said = NEEDED[type].map((name) => health[name]);
      if (said.some(isOpen)) return "circuit-open";
      return said.some(isAtItsRate) ? "provider-limit" : null;
    },
  };
}

async function lookAt({ store, queue, registry, functionPauses }: BlockDeps) {
  const [pause, concurrency, health, paused] = await Promise.all([
    store.queue.findPause(),
    readWorkerConcurrency({ registry }),
    readFunctionHealth({ registry }),
    functionPauses.findAll(),
  ]);
  const whole = pause !== null ? "paused" : concurrency > 0 ? null : await whyNobody(queue);
  return { whole, health, paused };
}

/** A registry that is away says nothing, and is away with the queue. */
async function whyNobody(queue: Pick<Deps["queue"], "waiting">): Promise<QueueBlock> {
  return queue.waiting().then(
    () => "no-worker" as const,
    () => "queue-away" as const,
  );
}

function isOpen({ worst }: SaidOfFunction): boolean {
  return worst?.circuit === "open";
}

function isAtItsRate({ rateWaitMs }: SaidOfFunction): boolean {
  return rateWaitMs > RATE_WAIT_MS;
}
