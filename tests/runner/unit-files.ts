import { readFileSync } from "node:fs";
import { testFiles } from "./test-files.ts";

/** Rooms whose tests may be unit tests; `local/`, `commands/` and `tests/` put whole processes together. */
const ROOMS = ["api", "cloud", "core", "db", "net", "redis", "runtime", "scf-functions", "worker"];
/** Who imports one of these starts a process or a server, or cuts pictures out, which takes seconds. */
const STARTERS =
  /from "(?:node:child_process|[^"]*\/(?:fleet|journey|cloud\.fixture|deploy-rig|start-with-bundles|start-emulated-cloud|build-functions|draw-sample-garment|cut-out)\.ts)"|Bun\.(?:spawn|build)\b/;

/** The rule: a unit test is a `*.test.ts` of those rooms that imports none of the starters. */
export function unitFiles(folder: string): readonly string[] {
  return testFiles(folder).filter((path) => {
    const [room = ""] = path.split("/");
    return ROOMS.includes(room) && !STARTERS.test(readFileSync(`${folder}/${path}`, "utf8"));
  });
}

/** Suites on real servers are skipped in a unit run, and that is no failure. */
export const WITHOUT_SERVERS = { DRAPE_REDIS_SERVER: "none", DRAPE_MARIADBD: "none", CI: "" };
