import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";
import { EmbeddedCache } from "./embedded-cache.ts";
import { EmbeddedEventLog } from "./embedded-event-log.ts";
import { EmbeddedLeases } from "./embedded-leases.ts";
import { EmbeddedBroadcast } from "./embedded-broadcast.ts";
import { EmbeddedQueue } from "./embedded-queue.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";
import { EmbeddedProcessRegistry } from "./embedded-process-registry.ts";
import { LeaseSemaphore } from "./lease-semaphore.ts";
import type { RedisAdapters } from "./redis-adapters.ts";

type EmbeddedDeps = { readonly log: Log; readonly clock: Clock; readonly random: Random };

/**
 * The adapters in memory: for one process that is api and worker at once. What they forget at its end, the sweep mends.
 */
export function openEmbedded({ log, clock, random }: EmbeddedDeps): RedisAdapters {
  const queue = new EmbeddedQueue(log, clock);
  const parts = {
    events: new EmbeddedEventLog(clock),
    cache: new EmbeddedCache(clock),
    rateLimiter: new EmbeddedRateLimiter(clock),
    semaphore: new LeaseSemaphore(new EmbeddedLeases(clock), { clock, random }),
    registry: new EmbeddedProcessRegistry(clock),
    broadcast: new EmbeddedBroadcast(log),
  };
  return {
    queue,
    consumer: queue,
    ...parts,
    version: null,
    ping: async () => undefined,
    async close() {
      await queue.close();
      await Promise.all(Object.values(parts).map((part) => part.close()));
    },
  };
}
