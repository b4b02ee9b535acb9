import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";

import { PLACEHOLDER } from "./config.ts";

type Environment = Readonly<Record<string, string | undefined>>;
const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The variables of a long-running process: production reads `.env.production` alone, everything else `.env.local`;
 * what the process was started with wins. `demo` and the tests read neither.
 */
export function loadEnvironment(started: Environment, folder = PROJECT): Environment {
  const name = started["NODE_ENV"] === "production" ? ".env.production" : ".env.local";
  const path = join(folder, name);
  const fromFile = existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
  const production = name === ".env.production";
  return { ...(production ? fromFile : forDevelopment(fromFile)), ...started };
}

/** A copy of `.env.production` as it is: what is not set yet counts as absent, and it stays no production. */
function forDevelopment(fromFile: Environment): Environment {
  return Object.fromEntries(
    Object.entries(fromFile).filter(
      ([name, value]) => name !== "NODE_ENV" && !PLACEHOLDER.test(value ?? ""),
    ),
  );
}
