import type { Redis } from "ioredis";
import { DrapeError } from "../core/model/errors.ts";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";

/** Redis may answer reads while it refuses writes (disk full): a success soon after a failure proves nothing. */
const QUIET_MS = 5_000;
/** While it is away, one of those who can do without it looks after it in this time. */
const CHECK_MS = 1_000;

/**
 * What all connections of a process know of Redis' health, logged once when it goes away and once when it is
 * back, however many commands fail between.
 */
export class Outage {
  readonly #log: Log;
  readonly #clock: Pick<Clock, "monotonicMs">;
  readonly #down = new Set<Redis>();
  #sinceMs: number | null = null;
  #failedMs = 0;
  #checkedMs = 0;

  constructor(log: Log, clock: Pick<Clock, "monotonicMs">) {
    this.#log = log;
    this.#clock = clock;
  }

  /** Listens to a connection, so that its errors are logged here and never end the process. */
  watch(connection: Redis): Redis {
    let error: unknown = new Error("the connection was closed");
    connection.on("error", (thrown: unknown) => {
      error = thrown;
      // Refused passwords and the like come as errors of a connection that is never ready.
      if (connection.status !== "ready") this.#lost(connection, error);
    });
    connection.on("reconnecting", () => this.#lost(connection, error));
    connection.on("ready", () => this.#regained(connection));
    connection.on("end", () => this.#down.delete(connection));
    return connection;
  }

  /** Gives what `work` gives; any failure of it becomes UNAVAILABLE. */
  async attempt<T>(work: () => Promise<T>): Promise<T> {
    try {
      const result = await work();
      if (this.#down.size === 0 && this.#nowMs() - this.#failedMs > QUIET_MS) this.#ended();
      return result;
    } catch (error) {
      this.#failedMs = this.#nowMs();
      this.#began(error);
      throw new DrapeError("UNAVAILABLE", "The service is busy: try again in a moment.", {
        cause: error,
        retryAfterMs: 1_000,
      });
    }
  }

  /**
   * What `work` gives, or `instead` of it when that fails. Once Redis is known to be away it is not asked, because a
   * silent one costs each command its whole time limit; once a second one caller looks whether it is back. For what
   * can be done without and may be left undone a few seconds longer than Redis is away.
   */
  async attemptOr<T>(work: () => Promise<T>, instead: () => T | Promise<T>): Promise<T> {
    if (this.#shallDoWithout()) return instead();
    return this.attempt(work).catch(instead);
  }

  #shallDoWithout(): boolean {
    if (this.#sinceMs === null) return false;
    if (this.#nowMs() - this.#checkedMs < CHECK_MS) return true;
    this.#checkedMs = this.#nowMs();
    return false;
  }

  #lost(connection: Redis, error: unknown): void {
    this.#down.add(connection);
    this.#began(error);
  }

  #regained(connection: Redis): void {
    this.#down.delete(connection);
    if (this.#down.size === 0) this.#ended();
  }

  #began(error: unknown): void {
    if (this.#sinceMs !== null) return;
    this.#sinceMs = this.#nowMs();
    this.#checkedMs = this.#sinceMs;
    this.#log.failure("redis is away", error);
  }

  #ended(): void {
    if (this.#sinceMs === null) return;
    this.#log.success("redis is back", { awayMs: Math.round(this.#nowMs() - this.#sinceMs) });
    this.#sinceMs = null;
  }

  #nowMs(): number {
    return this.#clock.monotonicMs();
  }
}
