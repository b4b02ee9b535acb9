import { CACHE_VALUE_MAX_BYTES, type Cache } from "../core/ports/cache.ts";
import type { Clock } from "../core/ports/clock.ts";

const ENTRIES_MAX = 10_000;

/** A cache in one process's memory; beyond 10,000 entries the one written longest ago goes. */
export class EmbeddedCache implements Cache {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #entries = new Map<string, { value: string; expiresAtMs: number }>();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async get(key: string): Promise<string | null> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return null;
    if (entry.expiresAtMs > this.#clock.nowMs()) return entry.value;
    this.#entries.delete(key);
    return null;
  }

  async set(key: string, value: string, lifeMs: number): Promise<void> {
    if (Buffer.byteLength(value) > CACHE_VALUE_MAX_BYTES)
      throw new RangeError("the value is above 256 KB");
    this.#entries.delete(key);
    this.#entries.set(key, { value, expiresAtMs: this.#clock.nowMs() + lifeMs });
    if (this.#entries.size <= ENTRIES_MAX) return;
    const [oldest] = this.#entries.keys();
    if (oldest !== undefined) this.#entries.delete(oldest);
  }

  async delete(key: string): Promise<void> {
    this.#entries.delete(key);
  }

  async close(): Promise<void> {
    this.#entries.clear();
  }
}
