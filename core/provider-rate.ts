import type { ImageGeneratorEvent } from "./contracts/image-generator.ts";
import type { FunctionName } from "./functions.ts";
import type { Clock } from "./ports/clock.ts";
import type { RateLimiter, RatePolicy } from "./ports/rate-limiter.ts";
import type { TaskSettings } from "./task-settings.ts";

type RateDeps = {
  readonly rateLimiter: Pick<RateLimiter, "take">;
  readonly clock: Clock;
  readonly settings: Pick<TaskSettings, "providerPerMinute">;
};

const MINUTE_MS = 60_000;

/**
 * Waits until the provider behind a function may be asked for what the event wants; all processes keep the number a
 * minute together. Waiting spends nothing. Throws the signal's reason.
 */
export async function awaitProviderRate(
  { rateLimiter, clock, settings }: RateDeps,
  name: FunctionName,
  event: unknown,
  signal: AbortSignal,
): Promise<void> {
  const perMinute = settings.providerPerMinute[name];
  if (perMinute === null) return;
  const policy = policyOf(perMinute);
  // One by one, so that a call for more pictures than the bucket ever holds gets through as well.
  for (let asks = asksOf(name, event); asks > 0;) {
    signal.throwIfAborted();
    const { allowed, retryAfterMs } = await rateLimiter.take(`provider:${name}`, policy);
    if (allowed) asks -= 1;
    else await clock.sleep(Math.max(1, retryAfterMs), signal);
  }
}

/** A burst of a tenth and what flows in afterwards are together never more than the limit in any minute. */
export function policyOf(perMinute: number): RatePolicy {
  const limit = Math.ceil(perMinute / 10);
  return { limit, windowMs: (limit * MINUTE_MS) / (perMinute - limit), shared: true };
}

/** A picture each; everything else is one ask. */
function asksOf(name: FunctionName, event: unknown): number {
  return name === "image-generator" ? (event as ImageGeneratorEvent).images.length : 1;
}
