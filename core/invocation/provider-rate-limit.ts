import type { ImageGeneratorEvent } from "../function-schemas/image-generator.ts";
import { DrapeError } from "../model/errors.ts";
import type { FunctionName } from "../model/functions.ts";
import type { Clock } from "../ports/clock.ts";
import type { RateLimiter, RatePolicy } from "../ports/rate-limiter.ts";
import type { Permit, Semaphore } from "../ports/semaphore.ts";
import type { TaskSettings } from "../model/task-settings.ts";

type RateDeps = {
  readonly rateLimiter: Pick<RateLimiter, "take">;
  readonly semaphore: Pick<Semaphore, "take">;
  readonly clock: Clock;
  readonly settings: {
    readonly calls: Pick<TaskSettings["calls"], "providerPerMinute" | "ratePatienceMs">;
  };
};

const MINUTE_MS = 60_000;
/** A killed process keeps the others waiting for this long. */
const TURN_LEASE_MS = 6_000;
/** Before a task comes again that had no turn. */
const AGAIN_MS = 30_000;

/**
 * Waits until the provider behind a function may be asked for what the event wants; all processes keep the number a
 * minute together. One call at a time of all processes is given what it needs: if they took it in turns, each would hold a part,
 * and at a low rate none would have all of it before its attempt is over. Waiting spends nothing: who had no turn for
 * long gets UNAVAILABLE. Throws the signal's reason.
 */
export async function awaitProviderRate(
  deps: RateDeps,
  name: FunctionName,
  event: unknown,
  signal: AbortSignal,
): Promise<void> {
  const { rateLimiter, clock, settings } = deps;
  const perMinute = settings.calls.providerPerMinute[name];
  if (perMinute === null) return;
  const policy = policyOf(perMinute);
  const turn = await takeTurn(deps, name, signal);
  try {
    // One by one, so that a call for more pictures than the bucket ever holds gets through as well.
    for (let pictures = picturesOf(name, event); pictures > 0;) {
      signal.throwIfAborted();
      const { allowed, retryAfterMs } = await rateLimiter.take(`provider:${name}`, policy);
      if (allowed) pictures -= 1;
      else await clock.sleep(Math.max(1, retryAfterMs), signal);
    }
  } finally {
    await turn.release();
  }
}

async function takeTurn(
  { semaphore, clock, settings }: RateDeps,
  name: FunctionName,
  signal: AbortSignal,
): Promise<Permit> {
  const patience = clock.deadline(settings.calls.ratePatienceMs);
  const ended = AbortSignal.any([signal, patience]);
  try {
    return await semaphore.take(`rate:${name}`, 1, TURN_LEASE_MS, ended);
  } catch (error) {
    signal.throwIfAborted();
    if (!patience.aborted) throw error;
    throw new DrapeError("UNAVAILABLE", "The AI provider has much to do; this waits its turn.", {
      retryAfterMs: AGAIN_MS,
    });
  }
}

/** A burst of a tenth and what flows in afterwards are together never more than the limit in any minute. */
export function policyOf(perMinute: number): RatePolicy {
  const limit = Math.ceil(perMinute / 10);
  return { limit, windowMs: (limit * MINUTE_MS) / (perMinute - limit), shared: true };
}

/** A picture each; everything else is one request. */
function picturesOf(name: FunctionName, event: unknown): number {
  return name === "image-generator" ? (event as ImageGeneratorEvent).images.length : 1;
}
