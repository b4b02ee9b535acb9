import { cacheContract } from "../core/ports/contracts/cache.contract.ts";
import { eventLogContract } from "../core/ports/contracts/event-log.contract.ts";
import { broadcastContract } from "../core/ports/contracts/broadcast.contract.ts";
import { rateLimiterContract } from "../core/ports/contracts/rate-limiter.contract.ts";
import { processRegistryContract } from "../core/ports/contracts/process-registry.contract.ts";
import { semaphoreContract } from "../core/ports/contracts/semaphore.contract.ts";
import { taskQueueContract } from "../core/ports/contracts/task-queue.contract.ts";
import { EmbeddedCache } from "./embedded-cache.ts";
import { EmbeddedEventLog } from "./embedded-event-log.ts";
import { EmbeddedLeases } from "./embedded-leases.ts";
import { EmbeddedBroadcast } from "./embedded-broadcast.ts";
import { EmbeddedQueue } from "./embedded-queue.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";
import { EmbeddedProcessRegistry } from "./embedded-process-registry.ts";
import { LeaseSemaphore } from "./lease-semaphore.ts";
import { silentLog } from "../tests/silent-log.ts";
import { system } from "../runtime/system.ts";

taskQueueContract("memory", async () => {
  const queue = new EmbeddedQueue(silentLog, system.clock);
  return { queue, consumer: queue, close: () => queue.close() };
});

eventLogContract("memory", async () => {
  const log = new EmbeddedEventLog({ nowMs: Date.now });
  return { log, close: () => log.close() };
});

cacheContract("memory", async () => timed((clock) => new EmbeddedCache(clock)));
rateLimiterContract("memory", async () => timed((clock) => new EmbeddedRateLimiter(clock)));
processRegistryContract("memory", async () => timed((clock) => new EmbeddedProcessRegistry(clock)));

semaphoreContract("memory", async () => {
  const clock = fixedClock();
  const table = new EmbeddedLeases(clock);
  const semaphore = new LeaseSemaphore(table, system);
  const others = new LeaseSemaphore(table, system);
  return {
    semaphore,
    others,
    doomed: new LeaseSemaphore(table, system),
    advance: clock.advance,
    async close() {
      await Promise.all([semaphore.close(), others.close()]);
    },
  };
});

broadcastContract("memory", async () => {
  const broadcast = new EmbeddedBroadcast(silentLog);
  return { broadcast, others: broadcast, close: () => broadcast.close() };
});

function timed<Port extends { close(): Promise<void> }>(
  make: (clock: { nowMs(): number }) => Port,
) {
  const clock = fixedClock();
  const port = make(clock);
  return { port, close: () => port.close(), advance: clock.advance };
}

/** A clock that stands still until it is moved. */
function fixedClock() {
  let nowMs = 1_000_000;
  return {
    nowMs: () => nowMs,
    async advance(ms: number) {
      nowMs += ms;
    },
  };
}
