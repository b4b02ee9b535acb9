import { spawnSync } from "node:child_process";
import { testEnvironment } from "./runner/test-environment.ts";
import { unitFiles, WITHOUT_SERVERS } from "./runner/unit-files.ts";

/** `npm run test:unit` and `test:watch`: what needs no server and starts no process; arguments go to `bun test`. */
function main(args: readonly string[]): number {
  const files = unitFiles(process.cwd()).map((path) => `./${path}`);
  const run = spawnSync(process.execPath, ["test", ...args, ...files], {
    env: { ...testEnvironment(process.env), ...WITHOUT_SERVERS },
    stdio: "inherit",
  });
  return run.status ?? 1;
}

process.exit(main(process.argv.slice(2)));
