import type { Command } from "./config/config-key.ts";
import type { Config, Environment } from "./config/parse-config.ts";
import { describeConfig, describeParts, type ConfigPart } from "./describe-config.ts";
import { loadEnvironment } from "./load-environment.ts";
import { readConfig } from "./run-process.ts";

/**
 * The configuration of a command that does one thing and ends. `given` are variables that its options name; they win.
 * Its first line, on stderr so that stdout stays the command's own, says what the configuration leads to.
 */
export function openCommand(
  command: Command,
  parts: readonly ConfigPart[],
  given: Environment = {},
): { readonly config: Config; readonly variables: Environment } {
  const loaded = loadEnvironment(command, { ...process.env, ...given });
  const config = readConfig(command, loaded);
  process.stderr.write(
    `📊 configuration  ${describeParts(describeConfig(config, loaded), parts)}\n`,
  );
  return { config, variables: loaded.variables };
}
