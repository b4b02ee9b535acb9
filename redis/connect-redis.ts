import { Redis } from "ioredis";
import type { Outage } from "./outage.ts";

/** Where Redis is. */
export type RedisAddress = {
  readonly host: string;
  readonly port: number;
  readonly password?: string;
  readonly db?: number;
};

const COMMAND_LIMIT_MS = 1_000;
const CONNECT_LIMIT_MS = 3_000;
const RETRY_MAX_MS = 1_000;

/**
 * A connection whose commands fail at once while Redis is away, and after 1 s when it does not answer. It comes back
 * by itself, also when Redis was away at first.
 */
export function connectFast(address: RedisAddress, outage: Outage): Redis {
  const connection = new Redis({
    ...optionsFor(address),
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    commandTimeout: COMMAND_LIMIT_MS,
  });
  return outage.watch(connection);
}

/** A connection whose commands wait until Redis is back: for consumers alone, never for a request. */
export function connectWaiting(address: RedisAddress, outage: Outage): Redis {
  return outage.watch(new Redis({ ...optionsFor(address), maxRetriesPerRequest: null }));
}

/**
 * For the start of a process: gives the server's version. Throws an Error that says what to do when Redis cannot be
 * reached in 3 s, refuses the password, or may throw jobs away.
 */
export async function checkRedis(address: RedisAddress): Promise<string> {
  const at = `${address.host}:${address.port}`;
  const info = await readInfo(address, at);
  const policy = /^maxmemory_policy:(\S+)/m.exec(info)?.[1];
  if (policy !== undefined && policy !== "noeviction") {
    throw new Error(
      `Redis at ${at} throws jobs away when its memory is full (maxmemory-policy is ${policy}). ` +
        "Set maxmemory-policy noeviction there, or give Drape a Redis of its own.",
    );
  }
  return /^redis_version:(\S+)/m.exec(info)?.[1] ?? "unknown";
}

async function readInfo(address: RedisAddress, at: string): Promise<string> {
  const connection = new Redis({
    ...optionsFor(address),
    lazyConnect: true,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
    commandTimeout: CONNECT_LIMIT_MS,
  });
  // The promise of connect() says "closed" only; the event says why.
  const reasons: unknown[] = [];
  connection.on("error", (error) => reasons.push(error));
  try {
    await connection.connect();
    return await connection.info();
  } catch (error) {
    reasons.push(error);
    throw new Error(cureFor(reasons[0], at), { cause: error });
  } finally {
    connection.disconnect();
  }
}

function cureFor(reason: unknown, at: string): string {
  if (/NOAUTH|WRONGPASS|NOPERM|AUTH/.test(String(reason)))
    return `Redis at ${at} refuses the password. Correct REDIS_PASSWORD.`;
  return `Redis at ${at} does not answer (${String(reason)}). Start it, or correct REDIS_HOST (host[:port]).`;
}

function optionsFor({ host, port, password, db }: RedisAddress) {
  return {
    host,
    port,
    ...(password === undefined ? {} : { password }),
    ...(db === undefined ? {} : { db }),
    connectTimeout: CONNECT_LIMIT_MS,
    retryStrategy: (times: number) => Math.min(25 * 2 ** Math.min(times, 6), RETRY_MAX_MS),
  };
}
