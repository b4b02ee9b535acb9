import type { Redis } from "ioredis";

/**
 * The one connection of a process that hears what is published. Best effort: what is published while it is away is
 * lost, and `onBack` tells that this may have happened.
 */
export class Subscriber {
  readonly #redis: Redis;
  readonly #handlers = new Map<string, (text: string) => void>();
  readonly #heard = new Set<string>();
  readonly #onBack: (() => void)[] = [];

  /** `redis` must be a fast connection of its own; `close` ends it. */
  constructor(redis: Redis) {
    this.#redis = redis;
    redis.on("message", (channel: string, text: string) => this.#handlers.get(channel)?.(text));
    redis.on("close", () => this.#heard.clear());
    redis.on("ready", () => void this.#listenAgain());
  }

  /** One handler a channel. Resolves when Redis has confirmed; false when it is away: then later, by itself. */
  async listen(channel: string, handler: (text: string) => void): Promise<boolean> {
    this.#handlers.set(channel, handler);
    return this.#subscribe([channel]);
  }

  /** Whether what is published on the channel now would be heard. */
  hears(channel: string): boolean {
    return this.#heard.has(channel);
  }

  onBack(handler: () => void): void {
    this.#onBack.push(handler);
  }

  close(): void {
    this.#handlers.clear();
    this.#redis.disconnect();
  }

  async #listenAgain(): Promise<void> {
    if (!(await this.#subscribe([...this.#handlers.keys()]))) return;
    for (const handler of this.#onBack) handler();
  }

  async #subscribe(channels: readonly string[]): Promise<boolean> {
    if (channels.length === 0) return true;
    try {
      await this.#redis.subscribe(...channels);
      for (const channel of channels) this.#heard.add(channel);
      return true;
    } catch {
      // The next "ready" tries again.
      return false;
    }
  }
}
