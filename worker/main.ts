import { createSharedDeps } from "../runtime/create-shared-deps.ts";
import { describeRun } from "../runtime/describe-run.ts";
import { runProcess } from "../runtime/run-process.ts";
import { startWorker } from "./worker.ts";

const STOP_GRACE_MS = 10_000;

/** The worker as a process of its own; any number of them share one Redis and one MySQL with the api's processes. */
runProcess("start:worker", async ({ config, log }) => {
  const { deps, consumer, handed, close } = await createSharedDeps("start:worker", config, log);
  const concurrency = config.WORKER_CONCURRENCY;
  log.info("runs with", describeRun({ handed, settings: deps.settings, worker: { concurrency } }));
  const worker = startWorker({ ...deps, consumer }, concurrency);
  return {
    async stop() {
      await worker.stop(STOP_GRACE_MS);
      await close();
    },
  };
});
