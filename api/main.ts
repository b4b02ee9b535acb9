import { apiOptionsOf } from "../runtime/api-options.ts";
import { createSharedDeps } from "../runtime/create-shared-deps.ts";
import { describeRun } from "../runtime/describe-run.ts";
import { runProcess } from "../runtime/run-process.ts";
import { startApi } from "./start-api.ts";

const STOP_GRACE_MS = 10_000;

/** The api as a process of its own; any number of them share one Redis and one MySQL with the workers' processes. */
runProcess("start:api", async ({ config, log }) => {
  const { deps, handed, close } = await createSharedDeps("start:api", config, log);
  const options = apiOptionsOf(config);
  const api = await startApi(deps, options);
  log.info("runs with", describeRun({ handed, settings: deps.settings, api: options }));
  log.start("api is listening", { url: api.url });
  return {
    async stop() {
      await api.stop(STOP_GRACE_MS);
      await close();
      log.success("api stopped");
    },
  };
});
