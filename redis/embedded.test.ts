import { cacheContract } from "../core/ports/contracts/cache.contract.ts";
import { eventLogContract } from "../core/ports/contracts/event-log.contract.ts";
import { noticesContract } from "../core/ports/contracts/notices.contract.ts";
import { rateLimiterContract } from "../core/ports/contracts/rate-limiter.contract.ts";
import { rosterContract } from "../core/ports/contracts/roster.contract.ts";
import { slotsContract } from "../core/ports/contracts/slots.contract.ts";
import { taskQueueContract } from "../core/ports/contracts/task-queue.contract.ts";
import { EmbeddedCache } from "./embedded-cache.ts";
import { EmbeddedEventLog } from "./embedded-event-log.ts";
import { EmbeddedLeases } from "./embedded-leases.ts";
import { EmbeddedNotices } from "./embedded-notices.ts";
import { EmbeddedQueue } from "./embedded-queue.ts";
import { EmbeddedRateLimiter } from "./embedded-rate-limiter.ts";
import { EmbeddedRoster } from "./embedded-roster.ts";
import { LeaseSlots } from "./lease-slots.ts";
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
rosterContract("memory", async () => timed((clock) => new EmbeddedRoster(clock)));

slotsContract("memory", async () => {
  const clock = standingClock();
  const table = new EmbeddedLeases(clock);
  const slots = new LeaseSlots(table, system);
  const others = new LeaseSlots(table, system);
  return {
    slots,
    others,
    doomed: new LeaseSlots(table, system),
    advance: clock.advance,
    async close() {
      await Promise.all([slots.close(), others.close()]);
    },
  };
});

noticesContract("memory", async () => {
  const notices = new EmbeddedNotices(silentLog);
  return { notices, others: notices, close: () => notices.close() };
});

function timed<Port extends { close(): Promise<void> }>(
  make: (clock: { nowMs(): number }) => Port,
) {
  const clock = standingClock();
  const port = make(clock);
  return { port, close: () => port.close(), advance: clock.advance };
}

/** A clock that stands still until it is moved. */
function standingClock() {
  let nowMs = 1_000_000;
  return {
    nowMs: () => nowMs,
    async advance(ms: number) {
      nowMs += ms;
    },
  };
}
