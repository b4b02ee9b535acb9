import { DrapeError } from "../model/errors.ts";
import type { Deps, StoreParts } from "../deps.ts";
import type { Claim } from "../ports/task-store.ts";

type Held = Claim & { readonly controller: AbortController; renewedMs: number };

type LeaseDeps = StoreParts<"tasks"> & Pick<Deps, "clock" | "log" | "settings">;

export type Lease = { readonly signal: AbortSignal; release(): void };

/**
 * Keeps the leases of one process: one statement renews them all. A lease that somebody else has taken, or that
 * could not be renewed until shortly before its end, aborts its task's calls.
 */
export class LeaseKeeper {
  readonly #deps: LeaseDeps;
  readonly #held = new Map<string, Held>();
  readonly #stopping = new AbortController();
  #renewing = false;
  #renewedMs = 0;

  constructor(deps: LeaseDeps) {
    this.#deps = deps;
  }

  /** From now on the task's lease is kept, until `release`. */
  hold(claim: Claim): Lease {
    const controller = new AbortController();
    const held: Held = { ...claim, controller, renewedMs: this.#deps.clock.monotonicMs() };
    this.#held.set(claim.taskId, held);
    return {
      signal: controller.signal,
      release: () => {
        if (this.#held.get(claim.taskId) === held) this.#held.delete(claim.taskId);
      },
    };
  }

  /** Runs until `stop`. */
  async run(): Promise<void> {
    const { clock, settings } = this.#deps;
    const stepMs = Math.max(10, Math.min(1_000, settings.leases.heartbeatMs / 4));
    while (!this.#stopping.signal.aborted) {
      const nowMs = clock.monotonicMs();
      this.#abortLapsed(nowMs);
      if (!this.#renewing && nowMs - this.#renewedMs >= settings.leases.heartbeatMs) {
        this.#renewedMs = nowMs;
        void this.renew();
      }
      await clock.sleep(stepMs, this.#stopping.signal).catch(() => undefined);
    }
  }

  stop(): void {
    this.#stopping.abort(new DrapeError("SHUTTING_DOWN", "The worker is stopping."));
  }

  /** One heartbeat. Never throws: a database that is away shows in the lapse of the leases. */
  async renew(): Promise<void> {
    const { store, clock, log, settings } = this.#deps;
    const claims = [...this.#held.values()];
    if (claims.length === 0) return;
    this.#renewing = true;
    const startedMs = clock.monotonicMs();
    try {
      const kept = new Set(await store.tasks.renewLeases(claims, settings.leases.leaseMs));
      for (const held of claims) {
        if (kept.has(held.taskId)) held.renewedMs = startedMs;
        else this.#abort(held, "The task was canceled, ended or taken by another worker.");
      }
    } catch (error) {
      log.failure("leases not renewed", error, { tasks: claims.length });
    } finally {
      this.#renewing = false;
    }
  }

  #abortLapsed(nowMs: number): void {
    const { leaseMs, leaseMarginMs } = this.#deps.settings.leases;
    for (const held of this.#held.values()) {
      if (nowMs - held.renewedMs > leaseMs - leaseMarginMs) this.#abort(held, "The lease ran out.");
    }
  }

  #abort(held: Held, message: string): void {
    if (this.#held.get(held.taskId) === held) this.#held.delete(held.taskId);
    held.controller.abort(new DrapeError("LEASE_LOST", message));
  }
}
