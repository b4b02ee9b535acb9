import type { Clock } from "../core/ports/clock.ts";
import {
  REGISTRY_LIMITS,
  type ProcessRegistry,
  type Heartbeat,
} from "../core/ports/process-registry.ts";

type Post = { readonly value: string; readonly endsMs: number };

/** A process registry in one process's memory. */
export class EmbeddedProcessRegistry implements ProcessRegistry {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #topics = new Map<string, Map<string, Post>>();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async post(topic: string, processId: string, value: string, lifeMs: number): Promise<void> {
    assertHeartbeat(value);
    const posts = this.#living(topic).set(processId, {
      value,
      endsMs: this.#clock.nowMs() + lifeMs,
    });
    this.#topics.set(topic, posts);
    if (posts.size <= REGISTRY_LIMITS.processesMax) return;
    const [first] = [...posts].sort(([, a], [, b]) => a.endsMs - b.endsMs);
    if (first !== undefined) posts.delete(first[0]);
  }

  async read(topic: string): Promise<readonly Heartbeat[]> {
    const entries = [...this.#living(topic)].map(([processId, { value }]) => ({
      processId,
      value,
    }));
    return entries.sort(byProcess);
  }

  async close(): Promise<void> {
    this.#topics.clear();
  }

  #living(topic: string): Map<string, Post> {
    const posts = this.#topics.get(topic) ?? new Map<string, Post>();
    const nowMs = this.#clock.nowMs();
    for (const [processId, { endsMs }] of posts) if (endsMs <= nowMs) posts.delete(processId);
    return posts;
  }
}

export function assertHeartbeat(value: string): void {
  if (Buffer.byteLength(value) > REGISTRY_LIMITS.valueMaxBytes)
    throw new RangeError("the value is above 16 KB");
}

export function byProcess(left: Heartbeat, right: Heartbeat): number {
  return left.processId < right.processId ? -1 : 1;
}
