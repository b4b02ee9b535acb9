import { AUDIT_SETTINGS, auditSchedule } from "../core/admin/audit-ledger.ts";
import { dispatch, sweep } from "../core/tasks/dispatch.ts";
import type { Deps } from "../core/deps.ts";
import {
  publishFunctionHealth,
  withdrawFunctionHealth,
} from "../core/invocation/function-health.ts";
import { newId } from "../core/model/ids.ts";
import { LeaseKeeper } from "../core/tasks/lease-keeper.ts";
import type { TaskConsumer } from "../core/ports/task-queue.ts";
import { runTask } from "../core/tasks/run-task.ts";
import {
  publishWorkerConcurrency,
  withdrawWorkerConcurrency,
} from "../core/queue/worker-concurrency.ts";

export type WorkerDeps = Pick<
  Deps,
  | "store"
  | "queue"
  | "events"
  | "registry"
  | "invoker"
  | "objects"
  | "presets"
  | "promptCache"
  | "moderation"
  | "clock"
  | "random"
  | "log"
  | "settings"
  | "failpoint"
> & { readonly consumer: TaskConsumer };

export type Worker = { stop(graceMs: number): Promise<void> };

const HEALTH_MS = 10_000;

/** Takes jobs, keeps their leases, and runs the schedules: dispatch, sweep, health, ledger audit. */
export function startWorker(deps: WorkerDeps, concurrency: number): Worker {
  const id = newId("wkr", deps.clock.nowMs(), deps.random);
  const leases = new LeaseKeeper(deps);
  const stopping = new AbortController();
  const every = (ms: number, name: string, work: () => Promise<unknown>) =>
    repeat(deps, { ms, name, work, signal: stopping.signal });

  const loops = [
    leases.run(),
    every(deps.settings.schedules.dispatchMs, "dispatch", () => dispatch(deps)),
    every(deps.settings.schedules.sweepMs, "sweep", () => sweep(deps)),
    every(HEALTH_MS, "function health", () => publishFunctionHealth(deps, id)),
    every(AUDIT_SETTINGS.pollMs, "ledger audit", auditSchedule(deps)),
    every(HEALTH_MS, "worker concurrency", () => publishWorkerConcurrency(deps, id, concurrency)),
  ];
  deps.consumer.start(async (job, signal) => {
    const startedMs = deps.clock.monotonicMs();
    await runTask(deps, job.taskId, { id, leases }, signal);
    const ms = Math.round(deps.clock.monotonicMs() - startedMs);
    deps.log.info("job", { job: job.id, task: job.taskId, worker: id, ms });
    deps.failpoint("job: done, not acknowledged");
    await dispatch(deps);
  }, concurrency);
  deps.log.start("worker started", { worker: id, concurrency });

  return {
    async stop(graceMs) {
      await deps.consumer.stop(graceMs);
      stopping.abort(new Error("the worker is stopping"));
      leases.stop();
      await Promise.allSettled(loops);
      await Promise.allSettled([
        withdrawFunctionHealth(deps, id),
        withdrawWorkerConcurrency(deps, id),
      ]);
      deps.log.success("worker stopped", { worker: id });
    },
  };
}

type Loop = {
  readonly ms: number;
  readonly name: string;
  readonly work: () => Promise<unknown>;
  readonly signal: AbortSignal;
};

/** Runs `work` again and again; one run that fails is logged, the next comes all the same. */
async function repeat(deps: WorkerDeps, { ms, name, work, signal }: Loop): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
    } catch (error) {
      deps.log.failure(`${name} failed`, error);
    }
    await deps.clock.sleep(ms, signal).catch(() => undefined);
  }
}
