import type { Clock } from "../core/ports/clock.ts";

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal.aborted) {
        reject(reasonOf(signal));
        return;
      }
      const timer = setTimeout(finish, ms);
      function stop() {
        clearTimeout(timer);
        reject(reasonOf(signal));
      }
      function finish() {
        signal.removeEventListener("abort", stop);
        resolve();
      }
      signal.addEventListener("abort", stop, { once: true });
    }),
  deadline: (ms) => AbortSignal.timeout(ms),
};

function reasonOf(signal: AbortSignal): Error {
  return signal.reason instanceof Error ? signal.reason : new Error(String(signal.reason));
}
