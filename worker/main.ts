import { openApart } from "../runtime/create-shared-deps.ts";
import { runProcess } from "../runtime/run-process.ts";
import { startWorker } from "./worker.ts";

const STOP_GRACE_MS = 10_000;

/** The worker as a process of its own; any number of them share one Redis and one MySQL with the api's processes. */
runProcess(async (config, log) => {
  const { deps, consumer, close } = await openApart("start:worker", config, log);
  const worker = startWorker({ ...deps, consumer }, config.WORKER_CONCURRENCY);
  return {
    async stop() {
      await worker.stop(STOP_GRACE_MS);
      await close();
    },
  };
});
