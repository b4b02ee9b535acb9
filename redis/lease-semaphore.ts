import { EventEmitter, once } from "node:events";
import { DrapeError } from "../core/model/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Random } from "../core/ports/random.ts";
import { PERMIT_LEASE_MIN_MS, type Permit, type Semaphore } from "../core/ports/semaphore.ts";

/** Where leases are counted. None of these throws. */
export interface LeaseTable {
  /** Whether the token got one of `max`. Leases that have run out do not count. */
  grant(lease: Lease, max: number): Promise<boolean>;
  /** Prolongs it; one that was lost meanwhile is counted again, because its holder is still at work. */
  renew(lease: Lease): Promise<void>;
  free(lease: Lease): Promise<void>;
}

export type Lease = { readonly name: string; readonly token: string; readonly leaseMs: number };

type SemaphoreDeps = {
  readonly clock: Pick<Clock, "sleep">;
  readonly random: Pick<Random, "fraction" | "token">;
};

const POLL_MIN_MS = 50;
const POLL_MAX_MS = 250;

/**
 * A semaphore over any table of leases: tries again every 50 to 250 ms, and at once when this process gives one back.
 */
export class LeaseSemaphore implements Semaphore {
  readonly #table: LeaseTable;
  readonly #clock: SemaphoreDeps["clock"];
  readonly #random: SemaphoreDeps["random"];
  readonly #given = new EventEmitter().setMaxListeners(0);
  readonly #held = new Set<AbortController>();
  readonly #closing = new AbortController();

  constructor(table: LeaseTable, { clock, random }: SemaphoreDeps) {
    this.#table = table;
    this.#clock = clock;
    this.#random = random;
  }

  async take(name: string, max: number, leaseMs: number, signal: AbortSignal): Promise<Permit> {
    if (leaseMs < PERMIT_LEASE_MIN_MS) throw new RangeError("the lease is too short to be renewed");
    const lease = { name, token: this.#random.token(), leaseMs };
    const ended = AbortSignal.any([signal, this.#closing.signal]);
    for (;;) {
      ended.throwIfAborted();
      if (await this.#table.grant(lease, max)) return this.#hold(lease);
      await this.#untilNextTry(name, ended);
    }
  }

  async close(): Promise<void> {
    this.#closing.abort(new DrapeError("SHUTTING_DOWN", "The process is stopping."));
    for (const ended of this.#held) ended.abort();
    this.#held.clear();
  }

  #hold(lease: Lease): Permit {
    const ended = new AbortController();
    this.#held.add(ended);
    void this.#renew(lease, ended.signal);
    return {
      release: async () => {
        if (!this.#held.delete(ended)) return;
        ended.abort();
        await this.#table.free(lease);
        this.#given.emit(lease.name);
      },
    };
  }

  async #renew(lease: Lease, ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      await this.#clock.sleep(lease.leaseMs / 3, ended).catch(() => undefined);
      if (!ended.aborted) void this.#table.renew(lease);
    }
  }

  async #untilNextTry(name: string, ended: AbortSignal): Promise<void> {
    const tried = new AbortController();
    const signal = AbortSignal.any([ended, tried.signal]);
    const pollMs = POLL_MIN_MS + this.#random.fraction() * (POLL_MAX_MS - POLL_MIN_MS);
    await Promise.race([
      this.#clock.sleep(pollMs, signal).catch(() => undefined),
      once(this.#given, name, { signal }).catch(() => undefined),
    ]);
    tried.abort();
  }
}
