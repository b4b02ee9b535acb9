import type { Deps } from "../core/deps.ts";

/**
 * Resolves when something newer than `cursor` may be in the log, at the latest when `signal` ends. While the log is
 * away that is at the end of `signal`: the caller then looks into the database.
 */
export async function waitForNotification(
  { events }: Pick<Deps, "events">,
  { taskId, cursor }: { readonly taskId: string; readonly cursor: string },
  signal: AbortSignal,
): Promise<void> {
  try {
    await events.wait(taskId, cursor, signal);
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
