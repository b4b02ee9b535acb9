import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseEnv } from "node:util";
import { PLACEHOLDER, type Command, type ConfigKey } from "./config/config-key.ts";
import { CONFIG_NAMES, CONFIG_TABLE } from "./config/config-table.ts";
import type { Environment } from "./config/parse-config.ts";

export type LoadedEnvironment = {
  /** The file's variables under those that the process was started with. */
  readonly variables: Environment;
  readonly file: ".env.production" | ".env.local" | null;
  /** Why not the other file; null where there is nothing to say. */
  readonly note: string | null;
};

type EnvFile = {
  readonly variables: Environment;
  readonly state: "absent" | "untouched" | "filled";
};

const TEMPLATE_PLACEHOLDERS: ReadonlySet<string> = new Set(
  CONFIG_NAMES.filter((name) => {
    const { sample }: ConfigKey = CONFIG_TABLE[name];
    return sample.kind === "placeholder";
  }),
);
/** `none`: the tests start the product's processes in a folder whose files are somebody's own. */
const NO_FILES = "DRAPE_ENV_FILES";
// As deep below the project's folder as `dist/`, so that a bundle finds the same files.
const PROJECT = fileURLToPath(new URL("..", import.meta.url));

/**
 * The variables of one command. What the process was started with wins over the file. Whoever runs the product reads
 * `.env.production` once it is filled in, else `.env.local`; `dev` reads `.env.local` alone, where a placeholder counts
 * as absent and NODE_ENV as not said. `demo` and the tests do not call this.
 */
export function loadEnvironment(
  command: Command,
  started: Environment,
  folder = PROJECT,
): LoadedEnvironment {
  if (started[NO_FILES] === "none") return { variables: started, file: null, note: null };
  const local = readEnvFile(join(folder, ".env.local"));
  if (command === "dev") return forDevelopment(local, started);
  const production = readEnvFile(join(folder, ".env.production"));
  if (production.state === "filled") {
    return {
      variables: { ...production.variables, ...started },
      file: ".env.production",
      note: local.state === "filled" ? ".env.local is filled in too and is not read" : null,
    };
  }
  const why = production.state === "untouched" ? "has nothing filled in" : "is not there";
  if (local.state === "filled") {
    return {
      variables: { ...local.variables, ...started },
      file: ".env.local",
      note: `.env.production ${why}`,
    };
  }
  const note = `.env.production ${why}${local.state === "untouched" ? ", nor has .env.local" : ""}`;
  return { variables: started, file: null, note };
}

function forDevelopment(local: EnvFile, started: Environment): LoadedEnvironment {
  if (local.state === "absent") return { variables: started, file: null, note: null };
  const said = Object.entries(local.variables).filter(
    ([name, value]) => name !== "NODE_ENV" && !PLACEHOLDER.test(value ?? ""),
  );
  return { variables: { ...Object.fromEntries(said), ...started }, file: ".env.local", note: null };
}

/** Untouched: a copy of the template, in which none of the placeholders was replaced. */
function readEnvFile(path: string): EnvFile {
  if (!existsSync(path)) return { variables: {}, state: "absent" };
  const variables = parseEnv(readFileSync(path, "utf8"));
  const values = Object.entries(variables);
  const left = values.some(([, value]) => PLACEHOLDER.test(value ?? ""));
  const replaced = values.some(
    ([name, value]) =>
      TEMPLATE_PLACEHOLDERS.has(name) && value !== "" && !PLACEHOLDER.test(value ?? ""),
  );
  return { variables, state: left && !replaced ? "untouched" : "filled" };
}
