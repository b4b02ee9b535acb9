import { createHash } from "node:crypto";
import type { Redis } from "ioredis";

/** A Lua script: one round trip in which nobody else writes. */
export type Script = { readonly text: string; readonly sha: string };

/** Milliseconds of Redis' own clock, plus what a test adds; ARGV[1] of every script that needs the time. */
const NOW = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000) + tonumber(ARGV[1])
`;

/** A script that sees `now`; its ARGV[1] is the clock offset in milliseconds, 0 but in tests. */
export function timedScript(text: string): Script {
  const whole = NOW + text;
  return { text: whole, sha: createHash("sha1").update(whole).digest("hex") };
}

/** Sends the script's hash, and its text only when Redis has not seen it since it started. */
export async function runScript(
  redis: Redis,
  { text, sha }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha, keys.length, ...keys, ...args);
  } catch (error) {
    if (!(error instanceof Error && error.message.startsWith("NOSCRIPT"))) throw error;
    return redis.eval(text, keys.length, ...keys, ...args);
  }
}
