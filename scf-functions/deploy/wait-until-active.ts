import type { Clock } from "../../core/ports/clock.ts";
import type { FunctionPlatform, PlatformFunction } from "../../core/ports/function-platform.ts";

export type WaitLimits = {
  readonly everyMs: number;
  readonly limitMs: number;
};

/** A package of some 20 MB is unpacked within seconds; minutes mean that something is wrong. */
export const WAIT_LIMITS: WaitLimits = { everyMs: 1_000, limitMs: 180_000 };

const CHANGING = new Set(["Creating", "Updating", "Publishing", "Deleting"]);

/**
 * Looks until the function, or one version of it, is Active. Throws the platform's reason when the change failed, and
 * after the limit, or when it is not there.
 */
export async function waitUntilActive(
  { platform, clock, limits }: WaitDeps,
  name: string,
  qualifier: string,
): Promise<PlatformFunction> {
  const found = await waitUntilSettled({ platform, clock, limits }, name, qualifier);
  if (found?.status === "Active") return found;
  const what = qualifier === "$LATEST" ? name : `${name}, version ${qualifier},`;
  if (found === null) throw new Error(`${what} is not there.`);
  throw new Error(`${what} is ${found.status}: ${found.reason || "the platform gives no reason"}`);
}

export type WaitDeps = {
  readonly platform: Pick<FunctionPlatform, "describe">;
  readonly clock: Pick<Clock, "monotonicMs" | "sleep">;
  readonly limits: WaitLimits;
};

/** The same, but a change that failed is no error: whoever asks looks at `status`. */
export async function waitUntilSettled(
  { platform, clock, limits }: WaitDeps,
  name: string,
  qualifier: string,
): Promise<PlatformFunction | null> {
  const never = new AbortController().signal;
  const deadline = clock.monotonicMs() + limits.limitMs;
  for (;;) {
    const found = await platform.describe(name, qualifier);
    if (found === null || !CHANGING.has(found.status)) return found;
    if (clock.monotonicMs() >= deadline) {
      const seconds = Math.round(limits.limitMs / 1000);
      throw new Error(
        `${name} is still ${found.status} after ${seconds} s: look at it in the console, and deploy again.`,
      );
    }
    await clock.sleep(limits.everyMs, never);
  }
}
