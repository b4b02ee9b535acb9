import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { Random } from "../core/ports/random.ts";
import { EmbeddedCache } from "./embedded-cache.ts";
import { EmbeddedEventLog } from "./embedded-event-log.ts";
import { EmbeddedLeases } from "./embedded-leases.ts";
import { EmbeddedNotices } from "./embedded-notices.ts";
import { EmbeddedQueue } from "./embedded-queue.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";
import { EmbeddedRoster } from "./embedded-roster.ts";
import { LeaseSlots } from "./lease-slots.ts";
import type { RedisHouse } from "./redis-house.ts";

type EmbeddedDeps = { readonly log: Log; readonly clock: Clock; readonly random: Random };

/** The twins in memory: for one process that is api and worker at once. What they forget at its end, the sweep mends. */
export function openEmbedded({ log, clock, random }: EmbeddedDeps): RedisHouse {
  const queue = new EmbeddedQueue(log, clock);
  const parts = {
    events: new EmbeddedEventLog(clock),
    cache: new EmbeddedCache(clock),
    rateLimiter: new EmbeddedRateLimiter(clock),
    slots: new LeaseSlots(new EmbeddedLeases(clock), { clock, random }),
    roster: new EmbeddedRoster(clock),
    notices: new EmbeddedNotices(log),
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
