import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
} from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Random } from "../../local/preview/random.ts";
import { duplicateJobs } from "./duplicate-jobs.ts";
import type { ProviderFault } from "./quick-providers.ts";
import type { Rig } from "./rig.ts";
import type { TcpProxy } from "./tcp-proxy.ts";

/** One kind of fault: does its harm, and leaves the rig able to heal by itself. */
export type FaultKind = (rig: Rig, random: Random) => Promise<void>;

const PAUSE_MS = 3_500;
const BLOCK_MS = 4_000;
const SKEW_MS = 600_000;

const anyOf = (rig: Rig, random: Random, role: string): string | null => {
  const names = [...rig.running.keys()].filter((name) => name.startsWith(role)).sort();
  return names[Math.floor(random.between(0, names.length))] ?? null;
};

const killed =
  (role: string): FaultKind =>
  async (rig, random) => {
    const name = anyOf(rig, random, role);
    if (name !== null) await rig.restart(name, "SIGKILL");
  };

const paused =
  (role: string): FaultKind =>
  async (rig, random) => {
    const process = rig.running.get(anyOf(rig, random, role) ?? "");
    process?.signal("SIGSTOP");
    await sleep(PAUSE_MS);
    process?.signal("SIGCONT");
  };

const scf =
  (fault: Readonly<Record<string, unknown>>, times = 6): FaultKind =>
  async (rig, random) => {
    const names = ["ai-image-processor", "prompt-generator", "image-generator"] as const;
    const spec = { function: random.pick(names), times, ...fault };
    await rig.fleet.control("POST", "/control/scf/faults", spec);
  };

const provider =
  (kind: ProviderFault, times = 4): FaultKind =>
  async (rig) =>
    rig.providers.fault(kind, times);

async function withRedis(rig: Rig, work: (redis: Redis) => Promise<unknown>): Promise<void> {
  const redis = new Redis(rig.redis.port, rig.redis.host);
  try {
    await work(redis);
  } finally {
    redis.disconnect();
  }
}

/** Redis' files as they are now, put back later: it then has forgotten, and remembers what was done since. */
const olderCopyOfRedis: FaultKind = async (rig) => {
  const live = join(rig.folder, "redis", "appendonlydir");
  const copy = join(mkdtempSync(join(rig.folder, "copy-")), "appendonlydir");
  cpSync(live, copy, { recursive: true });
  await sleep(2_500);
  await rig.redis.stop();
  rmSync(live, { recursive: true });
  cpSync(copy, live, { recursive: true });
  await rig.redis.restart();
};

/** What an outage of the machine may do to a file that is written once a second. */
const tailOfRedisCut: FaultKind = async (rig) => {
  await rig.redis.kill();
  const folder = join(rig.folder, "redis", "appendonlydir");
  const file = readdirSync(folder).find((name) => name.endsWith(".incr.aof"));
  if (file !== undefined && existsSync(join(folder, file))) {
    const path = join(folder, file);
    truncateSync(path, Math.floor(statSync(path).size * 0.7));
  }
  await rig.redis.restart();
};

const redisFull: FaultKind = (rig) =>
  withRedis(rig, async (redis) => {
    await redis.config("SET", "maxmemory", "1");
    await sleep(2_000);
    await redis.config("SET", "maxmemory", "0");
  });

const mariadbKilled: FaultKind = async (rig) => {
  await rig.mariadb.kill();
  await rig.mariadb.restart();
};

function bothWays({ mariadbProxy, apiProxy }: Rig, work: (proxy: TcpProxy) => void): void {
  work(mariadbProxy);
  work(apiProxy);
}

const slowNetwork: FaultKind = async (rig, random) => {
  const proxy = random.chance(0.5) ? rig.mariadbProxy : rig.redisProxy;
  proxy.setLatency(60);
  await sleep(2_500);
  proxy.setLatency(0);
};

const blocked: FaultKind = async (rig, random) => {
  rig.running.get(anyOf(rig, random, "worker") ?? "")?.signal("SIGUSR2");
  await sleep(BLOCK_MS);
};

/** A process with a wrong clock works for a while; then a right one takes its place. */
const skewed: FaultKind = async (rig, random) => {
  const name = anyOf(rig, random, "worker");
  if (name === null) return;
  await rig.restart(name, "SIGTERM", { skewMs: random.chance(0.5) ? SKEW_MS : -SKEW_MS });
  await sleep(3_000);
  await rig.restart(name, "SIGTERM");
};

/** Everything that the rig can do to the product, by name. */
export const FAULT_KINDS: Readonly<Record<string, FaultKind>> = {
  "worker killed": killed("worker"),
  "worker stopped and continued": paused("worker"),
  "worker told to stop": async (rig, random) => {
    const name = anyOf(rig, random, "worker");
    if (name !== null) await rig.restart(name, "SIGTERM");
  },
  "worker's event loop blocked": blocked,
  "worker's clock wrong": skewed,
  "api killed": killed("api"),
  "api stopped and continued": paused("api"),
  "redis killed": async (rig) => {
    await rig.redis.kill();
    await rig.redis.restart();
  },
  "redis restarted": (rig) => rig.redis.restart(),
  "redis flushed": (rig) => withRedis(rig, (redis) => redis.flushall()),
  "redis: older copy put back": olderCopyOfRedis,
  "redis: tail cut": tailOfRedisCut,
  "redis: memory full": redisFull,
  "redis connections reset": async (rig) => rig.redisProxy.cutAll(),
  "mariadb killed": mariadbKilled,
  "mariadb connections reset": async (rig) => bothWays(rig, (proxy) => proxy.cutAll()),
  "mariadb cut before commit": async (rig) =>
    bothWays(rig, (proxy) => proxy.cut("before-commit", 4)),
  "mariadb cut after commit": async (rig) => bothWays(rig, (proxy) => proxy.cut("after-commit", 4)),
  "mariadb half a reply": async (rig) => bothWays(rig, (proxy) => proxy.cut("half-reply", 2)),
  "network slow": slowNetwork,
  "jobs duplicated and shuffled": duplicateJobs,
  "function 429": scf({ kind: "status", status: 429 }),
  "function 430": scf({ kind: "status", status: 430 }),
  "function 432": scf({ kind: "status", status: 432 }),
  "function 433": scf({ kind: "status", status: 433 }, 3),
  "function 434": scf({ kind: "status", status: 434 }, 3),
  "function 500": scf({ kind: "status", status: 500 }, 3),
  "function API error": scf({ kind: "api-error", code: "InternalError.System" }, 3),
  "function HTTP 502": scf({ kind: "http", httpStatus: 502 }, 3),
  "function reset before run": scf({ kind: "reset" }, 3),
  "function reset after run": scf({ kind: "reset-after-run" }, 3),
  "function answers HTML": scf({ kind: "garbage" }, 3),
  "function answers half": scf({ kind: "truncated" }, 3),
  "function answers nothing": scf({ kind: "empty" }, 3),
  "function drips": scf({ kind: "drip", delayMs: 2_000 }, 3),
  "function hangs": scf({ kind: "hang" }, 2),
  "provider 500": provider("status-500"),
  "provider 429": provider("status-429"),
  "provider answers garbage": provider("garbage", 2),
  "provider answers half": provider("truncated", 2),
  "provider resets": provider("reset", 2),
  "provider slow": provider("slow"),
  "provider refuses": provider("refuse", 3),
};
