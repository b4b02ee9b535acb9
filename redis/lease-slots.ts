import { randomUUID } from "node:crypto";
import { EventEmitter, once } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { DrapeError } from "../core/model/errors.ts";
import { SLOT_LEASE_MIN_MS, type Slot, type Slots } from "../core/ports/semaphore.ts";

/** Where leases are counted. None of these throws. */
export interface LeaseTable {
  /** Whether the token got one of `max`. Leases that have run out do not count. */
  grant(lease: Lease, max: number): Promise<boolean>;
  /** Prolongs it; one that was lost meanwhile is counted again, because its holder is still at work. */
  renew(lease: Lease): Promise<void>;
  free(lease: Lease): Promise<void>;
}

export type Lease = { readonly name: string; readonly token: string; readonly leaseMs: number };

const POLL_MIN_MS = 50;
const POLL_MAX_MS = 250;

/** Slots over any table of leases: asks again every 50 to 250 ms, and at once when this process gives one back. */
export class LeaseSlots implements Slots {
  readonly #table: LeaseTable;
  readonly #given = new EventEmitter().setMaxListeners(0);
  readonly #renewals = new Set<ReturnType<typeof setInterval>>();
  readonly #closing = new AbortController();

  constructor(table: LeaseTable) {
    this.#table = table;
  }

  async take(name: string, max: number, leaseMs: number, signal: AbortSignal): Promise<Slot> {
    if (leaseMs < SLOT_LEASE_MIN_MS) throw new RangeError("the lease is too short to be renewed");
    const lease = { name, token: randomUUID(), leaseMs };
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    for (;;) {
      ended.throwIfAborted();
      if (await this.#table.grant(lease, max)) return this.#hold(lease);
      await this.#untilNextTry(name, ended);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new DrapeError("SHUTTING_DOWN", "The process is stopping."));
    for (const renewal of this.#renewals) clearInterval(renewal);
    this.#renewals.clear();
  }

  #hold(lease: Lease): Slot {
    const renewal = setInterval(() => void this.#table.renew(lease), lease.leaseMs / 3);
    renewal.unref();
    this.#renewals.add(renewal);
    return {
      release: async () => {
        if (!this.#renewals.delete(renewal)) return;
        clearInterval(renewal);
        await this.#table.free(lease);
        this.#given.emit(lease.name);
      },
    };
  }

  async #untilNextTry(name: string, ended: AbortSignal): Promise<void> {
    const tried = new AbortController();
    const signal = AbortSignal.any([ended, tried.signal]);
    const pollMs = POLL_MIN_MS + Math.random() * (POLL_MAX_MS - POLL_MIN_MS);
    await Promise.race([
      pause(pollMs, undefined, { signal }).catch(() => undefined),
      once(this.#given, name, { signal }).catch(() => undefined),
    ]);
    tried.abort();
  }
}
