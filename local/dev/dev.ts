import { spawn } from "node:child_process";
import { mkdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { loadEnvironment } from "../../runtime/load-environment.ts";
import { OWN_DATABASE } from "./running-dev.ts";
import { startServers, type Servers } from "./start-servers.ts";
import { watchSources } from "./watch-sources.ts";

const DATA = ".data";
const SERVER = fileURLToPath(new URL("dev-server.ts", import.meta.url));
const STOP_LIMIT_MS = 20_000;

const USAGE = `npm run dev -- [--redis] [--mysql]

The whole product with its data kept under ${DATA}/, started again after each change of a source file.
  --redis   on the Redis of REDIS_HOST, or on this machine's redis-server
  --mysql   on the MySQL of DATABASE_URL, or on this machine's MariaDB or MySQL server`;

/** Keeps the servers running, and the product in a child that is started again when a source changes. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      redis: { type: "boolean", default: false },
      mysql: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  mkdirSync(DATA, { recursive: true });
  const stopRequested = new Promise<"stop">((resolve) => {
    process.on("SIGINT", () => resolve("stop")).on("SIGTERM", () => resolve("stop"));
  });
  const { variables } = loadEnvironment("dev", process.env);
  const servers = await startServers(values, DATA, variables);
  const isNamed = (variables["DATABASE_URL"] ?? "") !== "";
  const sources = watchSources();
  try {
    for (let next: "stop" | "changed" = "changed"; next === "changed";) {
      const child = startChild(servers, isNamed);
      const first = await Promise.race([stopRequested, sources.changed(), child.ended]);
      if (first === "ended")
        process.stderr.write("❌ it has ended; a change of a source starts it again\n");
      if (first === "changed") process.stdout.write("📊 a source changed: starting again\n");
      await child.stop();
      next = first === "ended" ? await Promise.race([stopRequested, sources.changed()]) : first;
    }
  } finally {
    sources.close();
    await servers.stop();
  }
}

/** Its stdin stays open as the sign that we live. */
function startChild({ variables }: Servers, isNamed: boolean) {
  const owns = !isNamed || variables["DATABASE_URL"] !== undefined;
  const child = spawn(process.execPath, [SERVER, ...(owns ? [OWN_DATABASE] : [])], {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, ...variables },
  });
  const ended = new Promise<"ended">((resolve) => {
    child.once("exit", () => resolve("ended"));
  });
  return {
    ended,
    async stop() {
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), STOP_LIMIT_MS);
      await ended;
      clearTimeout(force);
    },
  };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
