import { runProcess } from "../runtime/run-process.ts";
import { providerVariablesOf } from "../runtime/provider-variables.ts";
import { startAllInOne } from "./all-in-one.ts";

/** `npm start`: api and worker in one process, on what the configuration names. */
runProcess("start", ({ config, log, variables }) =>
  startAllInOne(config, {
    dataDir: ".data",
    log,
    embeddedCloud: { extraFunctionEnv: providerVariablesOf(variables) },
  }),
);
