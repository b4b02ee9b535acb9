import type { Redis } from "ioredis";
import { z } from "zod";
import {
  REGISTRY_LIMITS,
  type ProcessRegistry,
  type Heartbeat,
} from "../core/ports/process-registry.ts";
import { assertHeartbeat, byProcess } from "./embedded-process-registry.ts";
import type { Outage } from "./outage.ts";
import { runScript, timedScript, type Script } from "./run-script.ts";

// Two keys a topic: when each process's post ends (a sorted set), and what it says (a hash).
const POST = timedScript(`
local ends, values = KEYS[1], KEYS[2]
local member, value, lifeMs, max = ARGV[2], ARGV[3], tonumber(ARGV[4]), tonumber(ARGV[5])
redis.call('ZADD', ends, string.format('%d', now + lifeMs), member)
redis.call('HSET', values, member, value)
local function drop(members)
  for _, gone in ipairs(members) do
    redis.call('ZREM', ends, gone)
    redis.call('HDEL', values, gone)
  end
end
drop(redis.call('ZRANGEBYSCORE', ends, '-inf', string.format('%d', now)))
local surplus = redis.call('ZCARD', ends) - max
if surplus > 0 then drop(redis.call('ZRANGE', ends, 0, surplus - 1)) end
local keepMs = math.max(redis.call('PTTL', ends), lifeMs)
redis.call('PEXPIRE', ends, keepMs)
redis.call('PEXPIRE', values, keepMs)
return 1
`);
const READ = timedScript(`
local members = redis.call('ZRANGEBYSCORE', KEYS[1], '(' .. string.format('%d', now), '+inf')
if #members == 0 then return { {}, {} } end
return { members, redis.call('HMGET', KEYS[2], unpack(members)) }
`);

const readSchema = z.tuple([z.array(z.string()), z.array(z.string().nullable())]);

export type RedisProcessRegistryOptions = {
  readonly prefix: string;
  readonly clockOffsetMs: () => number;
};

/** A process registry in Redis, by Redis' clock. */
export class RedisProcessRegistry implements ProcessRegistry {
  readonly #redis: Redis;
  readonly #outage: Outage;
  readonly #options: RedisProcessRegistryOptions;

  constructor(redis: Redis, outage: Outage, options: RedisProcessRegistryOptions) {
    this.#redis = redis;
    this.#outage = outage;
    this.#options = options;
  }

  async post(topic: string, processId: string, value: string, lifeMs: number): Promise<void> {
    assertHeartbeat(value);
    const args = [processId, value, Math.ceil(lifeMs), REGISTRY_LIMITS.processesMax];
    await this.#outage.attempt(() => this.#run(POST, topic, args)).catch(() => undefined);
  }

  async read(topic: string): Promise<readonly Heartbeat[]> {
    const fromRedis = async () => {
      const [processes, values] = readSchema.parse(await this.#run(READ, topic, []));
      return processes
        .map((processId, index) => ({ processId, value: values[index] ?? "" }))
        .toSorted(byProcess);
    };
    return this.#outage.attemptOr<readonly Heartbeat[]>(fromRedis, () => []);
  }

  async close(): Promise<void> {}

  #run(script: Script, topic: string, args: readonly (string | number)[]): Promise<unknown> {
    const { prefix, clockOffsetMs } = this.#options;
    const keys = ["ends", "values"].map((part) => `${prefix}:roster:${topic}:${part}`);
    const all = [clockOffsetMs(), ...args];
    return runScript(this.#redis, script, keys, all);
  }
}
