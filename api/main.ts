import { openApart } from "../runtime/create-shared-deps.ts";
import { runProcess } from "../runtime/run-process.ts";
import { startApi } from "./start-api.ts";

const STOP_GRACE_MS = 10_000;

/** The api as a process of its own; any number of them share one Redis and one MySQL with the workers' processes. */
runProcess(async (config, log) => {
  const { deps, close } = await openApart("start:api", config, log);
  const api = await startApi(deps, {
    port: config.PORT,
    hostname: config.HOST,
    jwtSecret: config.JWT_SECRET,
    imageSourceAllow: config.IMAGE_SOURCE_ALLOW,
  });
  log.start("api is listening", { url: api.url });
  return {
    async stop() {
      await api.stop(STOP_GRACE_MS);
      await close();
      log.success("api stopped");
    },
  };
});
