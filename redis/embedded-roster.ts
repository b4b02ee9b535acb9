import type { Clock } from "../core/ports/clock.ts";
import { ROSTER_LIMITS, type Roster, type RosterEntry } from "../core/ports/process-registry.ts";

type Post = { readonly value: string; readonly endsMs: number };

/** A roster in one process's memory. */
export class EmbeddedRoster implements Roster {
  readonly #clock: Pick<Clock, "nowMs">;
  readonly #topics = new Map<string, Map<string, Post>>();

  constructor(clock: Pick<Clock, "nowMs">) {
    this.#clock = clock;
  }

  async post(topic: string, member: string, value: string, lifeMs: number): Promise<void> {
    assertRosterValue(value);
    const posts = this.#living(topic).set(member, { value, endsMs: this.#clock.nowMs() + lifeMs });
    this.#topics.set(topic, posts);
    if (posts.size <= ROSTER_LIMITS.membersMax) return;
    const [first] = [...posts].sort(([, a], [, b]) => a.endsMs - b.endsMs);
    if (first !== undefined) posts.delete(first[0]);
  }

  async read(topic: string): Promise<readonly RosterEntry[]> {
    const entries = [...this.#living(topic)].map(([member, { value }]) => ({ member, value }));
    return entries.sort(byMember);
  }

  async close(): Promise<void> {
    this.#topics.clear();
  }

  #living(topic: string): Map<string, Post> {
    const posts = this.#topics.get(topic) ?? new Map<string, Post>();
    const nowMs = this.#clock.nowMs();
    for (const [member, { endsMs }] of posts) if (endsMs <= nowMs) posts.delete(member);
    return posts;
  }
}

export function assertRosterValue(value: string): void {
  if (Buffer.byteLength(value) > ROSTER_LIMITS.valueMaxBytes)
    throw new RangeError("the value is above 16 KB");
}

export function byMember(left: RosterEntry, right: RosterEntry): number {
  return left.member < right.member ? -1 : 1;
}
