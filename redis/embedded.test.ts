import { cacheContract } from "../core/ports/cache.contract.ts";
import { eventLogContract } from "../core/ports/event-log.contract.ts";
import type { Log } from "../core/ports/log.ts";
import { rateLimiterContract } from "../core/ports/rate-limiter.contract.ts";
import { taskQueueContract } from "../core/ports/task-queue.contract.ts";
import { createLog } from "../core/log.ts";
import { EmbeddedCache } from "./embedded-cache.ts";
import { EmbeddedEventLog } from "./embedded-event-log.ts";
import { EmbeddedQueue } from "./embedded-queue.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";

const silent: Log = createLog({
  format: "json",
  level: "quiet",
  write: () => undefined,
  nowMs: Date.now,
});

taskQueueContract("memory", async () => {
  const queue = new EmbeddedQueue(silent);
  return { queue, consumer: queue, close: () => queue.close() };
});

eventLogContract("memory", async () => {
  const log = new EmbeddedEventLog({ nowMs: Date.now });
  return { log, close: () => log.close() };
});

cacheContract("memory", async () => timed((clock) => new EmbeddedCache(clock)));
rateLimiterContract("memory", async () => timed((clock) => new EmbeddedRateLimiter(clock)));

/** A port on a clock that stands still until it is moved. */
function timed<Port extends { close(): Promise<void> }>(
  make: (clock: { nowMs(): number }) => Port,
) {
  let nowMs = 1_000_000;
  const port = make({ nowMs: () => nowMs });
  return {
    port,
    close: () => port.close(),
    async advance(ms: number) {
      nowMs += ms;
    },
  };
}
