import type { Redis } from "ioredis";
import type { Lease, LeaseTable } from "./lease-semaphore.ts";
import type { Outage } from "./outage.ts";
import { runScript, timedScript, type Script } from "./run-script.ts";

// A sorted set a name: tokens by the end of their lease.
const LEASE = `
local key, token, leaseMs = KEYS[1], ARGV[2], tonumber(ARGV[3])
local function lease()
  redis.call('ZADD', key, string.format('%d', now + leaseMs), token)
  redis.call('PEXPIRE', key, math.max(redis.call('PTTL', key), leaseMs))
  return 1
end
`;
const GRANT = timedScript(`${LEASE}
redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%d', now))
if redis.call('ZCARD', key) >= tonumber(ARGV[4]) then return 0 end
return lease()
`);
const RENEW = timedScript(`${LEASE} return lease()`);

export type RedisLeasesOptions = {
  readonly prefix: string;
  /** 0 < share <= 1: this process's part of a limit while Redis is away; at least 1 permit. */
  readonly fallbackShare: number;
  readonly clockOffsetMs: () => number;
};

/** Leases in Redis, by Redis' clock. While it is away this process counts what it holds against its share. */
export class RedisLeases implements LeaseTable {
  readonly #redis: Redis;
  readonly #outage: Outage;
  readonly #options: RedisLeasesOptions;
  readonly #held = new Map<string, Set<string>>();

  constructor(redis: Redis, outage: Outage, options: RedisLeasesOptions) {
    this.#redis = redis;
    this.#outage = outage;
    this.#options = options;
  }

  async grant(lease: Lease, max: number): Promise<boolean> {
    const granted = await this.#outage.attemptOr(
      () => this.#run(GRANT, lease, max),
      () => this.#grantShare(lease, max),
    );
    if (granted) this.#heldOf(lease.name).add(lease.token);
    return granted;
  }

  async renew(lease: Lease): Promise<void> {
    // The next renewal tries again; a permit of the fallback becomes known to Redis so.
    await this.#outage.attempt(() => this.#run(RENEW, lease, 0)).catch(() => false);
  }

  async free({ name, token }: Lease): Promise<void> {
    const held = this.#heldOf(name);
    held.delete(token);
    if (held.size === 0) this.#held.delete(name);
    // A lease that cannot be given back in Redis runs out there.
    await this.#outage.attemptOr<unknown>(
      () => this.#redis.zrem(this.#keyOf(name), token),
      () => undefined,
    );
  }

  async #run(script: Script, { name, token, leaseMs }: Lease, max: number): Promise<boolean> {
    const args = [this.#options.clockOffsetMs(), token, Math.ceil(leaseMs), max];
    return (await runScript(this.#redis, script, [this.#keyOf(name)], args)) === 1;
  }

  #grantShare({ name }: Lease, max: number): boolean {
    const share = Math.max(1, Math.floor(max * this.#options.fallbackShare));
    return this.#heldOf(name).size < share;
  }

  #heldOf(name: string): Set<string> {
    const held = this.#held.get(name) ?? new Set<string>();
    this.#held.set(name, held);
    return held;
  }

  #keyOf(name: string): string {
    return `${this.#options.prefix}:slots:${name}`;
  }
}
