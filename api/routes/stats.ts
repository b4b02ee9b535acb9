import { Hono } from "hono";
import { readFunctionHealth } from "../../core/invocation/function-health.ts";
import { eachFunction } from "../../core/model/functions.ts";
import type { QueuePause } from "../../core/ports/queue-store.ts";
import { readPromptCacheCounts } from "../../core/caches/prompt-cache-stats.ts";
import { readQueueStats } from "../../core/queue/queue-stats.ts";
import { memoizeWithTtl } from "../../core/resilience/memoize-with-ttl.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { isoTime } from "../iso-time.ts";
import { requireAdmin } from "../middleware.ts";

/** However many look, the tables are read once in this time. */
const STATS_LIFE_MS = 5_000;

/** `GET /api/v1/ai-generation/stats`, for administrators. */
export function createStatsRoutes(deps: ApiDeps) {
  async function report() {
    const [stats, said, promptCache, paused] = await Promise.all([
      readQueueStats(deps),
      readFunctionHealth(deps),
      readPromptCacheCounts(deps.registry),
      deps.functionPauses.findAll(),
    ]);
    const { nowMs, live, ended, workerConcurrency, waiting, pause } = stats;
    const { oldestWaitingAtMs } = live;
    return {
      at: isoTime(nowMs),
      queue: {
        paused: presentPause(pause),
        waiting,
        oldestWaitingSeconds:
          oldestWaitingAtMs === null ? null : Math.max(0, (nowMs - oldestWaitingAtMs) / 1_000),
      },
      live: { tallies: live.tallies, complete: live.complete },
      last24Hours: {
        ended: ended.count,
        tallies: ended.tallies,
        sampled: ended.sampled,
        complete: ended.complete,
        since: isoTime(ended.sinceMs),
      },
      throughputPerMinute: stats.throughput,
      lastHour: { successRate: stats.successRate, latency: stats.latency },
      workers: { slots: workerConcurrency },
      /** Prompts found and written in the last 24 hours, by all workers since each of them started. */
      promptCache,
      functions: eachFunction((name) => ({
        circuit: said[name].worst?.circuit ?? null,
        lastError: said[name].worst?.lastError ?? null,
        paused: paused[name]?.code ?? null,
      })),
    };
  }

  const recent = memoizeWithTtl(report, STATS_LIFE_MS, deps.clock);
  return new Hono<ApiEnv>().get("/", requireAdmin(deps), async (c) => c.json(await recent()));
}

export function presentPause(pause: QueuePause | null) {
  return pause === null ? null : { reason: pause.reason, since: isoTime(pause.sinceMs) };
}
