import { createHash } from "node:crypto";
import { z } from "zod";
import { DrapeError } from "../../core/model/errors.ts";
import type { RatePolicy } from "../../core/ports/rate-limiter.ts";
import { parseJsonAs } from "../../core/resilience/parse-json.ts";
import type { ApiDeps } from "../context.ts";

type TryDeps = Pick<ApiDeps, "cache" | "rateLimiter" | "clock">;

export type SignInFrom = { readonly email: string; readonly address: string };

/** A try of a password: what to report when it is known how it went. */
export type PasswordTry = {
  readonly failed: () => Promise<void>;
  readonly passed: () => Promise<void>;
};

/** Wrong tries of one account a day, from all addresses that it does not know, that nobody waits for. */
const FREE: RatePolicy = { limit: 10, windowMs: 86_400_000 };
/** While the waits cannot be kept: each address by itself. */
const ALONE: RatePolicy = { limit: 1, windowMs: 60_000 };
const WAIT_MIN_MS = 1_000;
const WAIT_MAX_MS = 60_000;
/** So long after the last wrong password the waits begin anew, and a wait that nobody used is forgotten. */
const MEMORY_MS = 15 * 60_000;
/** An address from which somebody signed in to the account. */
const KNOWN_MS = 90 * 86_400_000;

const waitSchema = z.object({ dueMs: z.number(), waitMs: z.number() });

/**
 * Bounds the passwords that can be tried of one account: after ten, each address that never signed in to it waits
 * before every further try, longer after each wrong one, up to a minute. Each address has a wait of its own, which no
 * other address lengthens, so that nobody locks another out; an address that the account knows never waits. Counted by
 * the e-mail address, whether it has an account or not. Throws RATE_LIMITED with the rest of the wait.
 *
 * Kept in the cache and the rate limiter alone, in keys of about 100 bytes: two for each account with wrong passwords,
 * for a day at most; one for each address that waits, for 15 minutes; one for each address that signed in, for 90 days.
 */
export async function takePasswordTry(
  deps: TryDeps,
  { email, address }: SignInFrom,
): Promise<PasswordTry> {
  const keys = keysOf(email, address);
  const noted = () => noteAddress(deps, { email, address });
  if (await isNoted(deps, keys.known)) return { failed: async () => {}, passed: noted };
  // Taken before the password is checked, so that many at once are counted; a right one gives it back.
  const { allowed } = await deps.rateLimiter.take(keys.free, FREE);
  const passed = async () => {
    await noted();
    if (allowed) await deps.rateLimiter.take(keys.free, FREE, -1);
  };
  const waitMs = allowed ? 0 : await endWait(deps, keys);
  const failed = async () => {
    if (waitMs > 0) await noteWait(deps, keys.level, Math.min(WAIT_MAX_MS, waitMs * 2));
  };
  return { failed, passed };
}

/** Somebody signed in to the account from this address, which waits no more. */
export async function noteAddress({ cache }: TryDeps, from: SignInFrom): Promise<void> {
  await cache.set(keysOf(from.email, from.address).known, "1", KNOWN_MS).catch(() => undefined);
}

type Keys = Readonly<Record<"known" | "free" | "level" | "wait" | "turn" | "alone", string>>;

function keysOf(email: string, address: string): Keys {
  const account = createHash("sha256").update(email).digest("base64url").slice(0, 22);
  const pair = `${account}:${address}`;
  return {
    known: `sign-in:known:${pair}`,
    free: `sign-in-tries:${account}`,
    level: `sign-in:level:${account}`,
    wait: `sign-in:wait:${pair}`,
    turn: `sign-in-turn:${pair}`,
    alone: `sign-in-alone:${pair}`,
  };
}

/** How long this address has waited, when it has; else it waits from now on, or goes on to. */
async function endWait(deps: TryDeps, keys: Keys): Promise<number> {
  const nowMs = deps.clock.nowMs();
  const wait = await read(deps, keys.wait, waitSchema);
  if (wait === null) return beginWait(deps, keys, nowMs);
  if (wait.dueMs > nowMs) throw tooSoon(wait.dueMs - nowMs);
  // Of many that come at the end of one wait, one has the try.
  const turn = { limit: 1, windowMs: MEMORY_MS };
  const { allowed } = await deps.rateLimiter.take(`${keys.turn}:${wait.dueMs}`, turn);
  const nextMs = await nextWaitMs(deps, keys, wait.waitMs * 2);
  if (allowed) await note(deps, keys.wait, { dueMs: nowMs + nextMs, waitMs: nextMs });
  else throw tooSoon(nextMs);
  return nextMs;
}

async function beginWait(deps: TryDeps, keys: Keys, nowMs: number): Promise<number> {
  const waitMs = await nextWaitMs(deps, keys, WAIT_MIN_MS);
  await note(deps, keys.wait, { dueMs: nowMs + waitMs, waitMs });
  if (await isNoted(deps, keys.wait)) throw tooSoon(waitMs);
  const alone = await deps.rateLimiter.take(keys.alone, ALONE);
  if (!alone.allowed) throw tooSoon(alone.retryAfterMs);
  return WAIT_MAX_MS;
}

/** At least as long as the account's wrong passwords have made it by now. */
async function nextWaitMs(deps: TryDeps, keys: Keys, leastMs: number): Promise<number> {
  const level = (await read(deps, keys.level, z.number())) ?? WAIT_MIN_MS;
  return Math.min(WAIT_MAX_MS, Math.max(leastMs, level));
}

async function noteWait(deps: TryDeps, key: string, waitMs: number): Promise<void> {
  const before = (await read(deps, key, z.number())) ?? 0;
  await note(deps, key, Math.max(before, waitMs));
}

async function isNoted({ cache }: TryDeps, key: string): Promise<boolean> {
  return (await cache.get(key).catch(() => null)) !== null;
}

async function read<T>({ cache }: TryDeps, key: string, schema: z.ZodType<T>): Promise<T | null> {
  const text = await cache.get(key).catch(() => null);
  return text === null ? null : parseJsonAs(schema, text);
}

async function note({ cache }: TryDeps, key: string, value: unknown): Promise<void> {
  await cache.set(key, JSON.stringify(value), MEMORY_MS).catch(() => undefined);
}

function tooSoon(waitMs: number): DrapeError {
  return new DrapeError(
    "RATE_LIMITED",
    "Too many wrong passwords for this account: wait as long as Retry-After says, then try again.",
    { retryAfterMs: waitMs },
  );
}
