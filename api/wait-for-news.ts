import type { Deps } from "../core/deps.ts";

/**
 * Resolves when something newer than `place` may be in the log, at the latest when `signal` ends. While the log is away
 * that is at the end of `signal`: the caller then looks into the database.
 */
export async function waitForNews(
  { events }: Pick<Deps, "events">,
  { taskId, place }: { readonly taskId: string; readonly place: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await events.wait(taskId, place, signal);
  } catch {
    await ended(signal);
  }
}

async function ended(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
