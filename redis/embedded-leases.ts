import type { Clock } from "../core/ports/clock.ts";
import type { Lease, LeaseTable } from "./lease-semaphore.ts";

/** Leases in one process's memory. */
export class EmbeddedLeases implements LeaseTable {
  readonly #clock: Pick<Clock, "nowMs">;
  /** The end of each lease by its token, by its name. */
  readonly #endsMs = new Map<string, Map<string, number>>();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async grant(lease: Lease, max: number): Promise<boolean> {
    const nowMs = this.#clock.nowMs();
    const held = this.#endsMs.get(lease.name) ?? new Map<string, number>();
    for (const [token, endMs] of held) if (endMs <= nowMs) held.delete(token);
    if (held.size >= max) return false;
    this.#endsMs.set(lease.name, held.set(lease.token, nowMs + lease.leaseMs));
    return true;
  }

  async renew({ name, token, leaseMs }: Lease): Promise<void> {
    this.#endsMs.get(name)?.set(token, this.#clock.nowMs() + leaseMs);
  }

  async free({ name, token }: Lease): Promise<void> {
    const held = this.#endsMs.get(name);
    held?.delete(token);
    if (held?.size === 0) this.#endsMs.delete(name);
  }
}
