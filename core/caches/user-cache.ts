import { z } from "zod";
import type { Cache } from "../ports/cache.ts";
import type { Broadcast } from "../ports/broadcast.ts";
import type { User, UserStore } from "../ports/user-store.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";

/** Of a user what may be up to 30 s old. Neither the password nor a balance. */
export type UserState = Pick<User, "id" | "email" | "role" | "createdAtMs">;

/**
 * Users as they were at most 30 s ago, for reads that only show them. Nothing is allowed or paid by it: routes of
 * administrators and balances ask the database.
 */
export interface UserCache {
  /** Null when there is no such user, which is not remembered. */
  find(id: string): Promise<UserState | null>;
  /** After a change in the database: no process gives out the older state from now on. */
  changed(id: string): Promise<void>;
  close(): void;
}

const TOPIC = "users";
const LIFE_MS = 30_000;

const stateSchema = z.object({
  id: z.string(),
  email: z.string().nullable(),
  role: z.enum(["customer", "admin"]),
  createdAtMs: z.number(),
});

type UserCacheDeps = {
  readonly store: { readonly users: Pick<UserStore, "find"> };
  readonly cache: Cache;
  readonly broadcast: Broadcast;
};

export function createUserCache({ store, cache, broadcast }: UserCacheDeps): UserCache {
  // A read that was under way when the user changed may hold the older state: it is not kept.
  const underWay = new Map<string, Set<{ stale: boolean }>>();
  const forget = (id: string) => {
    for (const begun of underWay.get(id) ?? []) begun.stale = true;
    return cache.delete(keyOf(id));
  };
  const unsubscribe = broadcast.subscribe(TOPIC, (id) => void forget(id));

  async function read(id: string): Promise<UserState | null> {
    const mine = { stale: false };
    const reads = underWay.get(id) ?? new Set();
    underWay.set(id, reads.add(mine));
    try {
      const user = await store.users.find(id);
      if (user === null) return null;
      const state = stateSchema.parse(user);
      if (!mine.stale) await cache.set(keyOf(id), JSON.stringify(state), LIFE_MS);
      // The notification may have come while it was written.
      if (mine.stale) await cache.delete(keyOf(id));
      return state;
    } finally {
      reads.delete(mine);
      if (reads.size === 0) underWay.delete(id);
    }
  }

  return {
    async find(id) {
      const text = await cache.get(keyOf(id));
      return (text === null ? null : parseJsonAs(stateSchema, text)) ?? read(id);
    },
    async changed(id) {
      await forget(id);
      await broadcast.publish(TOPIC, id);
    },
    close: unsubscribe,
  };
}

const keyOf = (id: string): string => `user:${id}`;
