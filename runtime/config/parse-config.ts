import type { z } from "zod";
import { PLACEHOLDER, type Command, type ConfigKey } from "./config-key.ts";
import { CONFIG_NAMES, CONFIG_TABLE, type ConfigName } from "./config-table.ts";
import { weaknessOf } from "./secret-strength.ts";
import { PROVIDER_KEYS } from "./provider-keys.ts";

export type Environment = Readonly<Record<string, string | undefined>>;

/** Every key of the table; one that does not concern the command has its default. */
export type Config = {
  readonly [Name in ConfigName]: z.output<(typeof CONFIG_TABLE)[Name]["schema"]>;
};

/**
 * Reads the environment once, for one command: keys that do not concern it are neither read nor checked. Throws an
 * Error that reports all faults at once, each with its variable: wrong values, placeholders that were left, keys that
 * the command cannot do without, and in production whatever leads to an emulator.
 */
export function parseConfig(command: Command, environment: Environment): Config {
  const given = concerned(command, environment);
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const name of CONFIG_NAMES) {
    const key: ConfigKey = CONFIG_TABLE[name];
    const text = given[name];
    if (text !== undefined && PLACEHOLDER.test(text)) {
      faults.push(`${name}: still a placeholder, set it`);
      continue;
    }
    const parsed = key.schema.safeParse(text);
    if (parsed.success) values[name] = parsed.data;
    else faults.push(...parsed.error.issues.map(({ message }) => `${name}: ${message}`));
  }
  const config = values as Config; // each value was parsed by its key's schema; with a fault it is not given away
  faults.push(...missing(command, config.NODE_ENV === "production", given), ...halfFaults(config));
  if (config.NODE_ENV === "production") faults.push(...productionFaults(config));
  if (faults.length > 0) {
    throw new Error(`The configuration has ${faults.length} fault(s):\n  ${faults.join("\n  ")}`);
  }
  return config;
}

/** What was set of the command's keys. A provider's key that is still a placeholder is one that nobody has. */
function concerned(command: Command, environment: Environment): Environment {
  const pairs = CONFIG_NAMES.filter((name) => CONFIG_TABLE[name].commands.includes(command))
    .map((name) => [name, environment[name]] as const)
    .filter(([, text]) => text !== undefined && text !== "")
    .filter(([name, text]) => !(name in PROVIDER_KEYS && PLACEHOLDER.test(text ?? "")));
  return Object.fromEntries(pairs);
}

function missing(command: Command, production: boolean, given: Environment): string[] {
  return CONFIG_NAMES.filter((name) => {
    const key: ConfigKey = CONFIG_TABLE[name];
    if (given[name] !== undefined || !key.commands.includes(command)) return false;
    return (
      (key.requiredBy ?? []).includes(command) || (production && key.requiredInProduction === true)
    );
  }).map((name) => `${name}: not set, and ${command} needs it`);
}

/** What is nothing without its other half. */
function halfFaults({ WECHAT_APP_ID, WECHAT_APP_SECRET }: Config): string[] {
  if ((WECHAT_APP_ID === undefined) === (WECHAT_APP_SECRET === undefined)) return [];
  const absent = WECHAT_APP_ID === undefined ? "WECHAT_APP_ID" : "WECHAT_APP_SECRET";
  return [`${absent}: WeChat sign-in needs both WECHAT_APP_ID and WECHAT_APP_SECRET`];
}

function productionFaults(config: Config): string[] {
  const faults: string[] = [];
  const weakness = config.JWT_SECRET === undefined ? null : weaknessOf(config.JWT_SECRET);
  if (weakness !== null) {
    faults.push(
      `JWT_SECRET: ${weakness}, and who guesses it is everybody: openssl rand -base64 48`,
    );
  }
  if ((config.SIGNUP_CREDITS ?? 0) > 0 && config.WECHAT_APP_ID === undefined) {
    faults.push(
      "SIGNUP_CREDITS: only who signs in with WeChat is given any in production: set WECHAT_APP_ID, or leave it out",
    );
  }
  if (config.IMAGE_SOURCE_ALLOW !== "") {
    faults.push("IMAGE_SOURCE_ALLOW: leave it out in production");
  }
  if (config.ALLOW_STAND_INS === "true") return faults;
  for (const name of ["SCF_ENDPOINT", "COS_ENDPOINT", "CONTENT_CHECK_ENDPOINT"] as const) {
    if (config[name] === undefined) continue;
    faults.push(
      `${name}: an emulated cloud is refused in production (ALLOW_STAND_INS=true allows it)`,
    );
  }
  if (config.WECHAT_BASE_URL?.startsWith("http:")) {
    faults.push(
      "WECHAT_BASE_URL: the secret goes there, https only (ALLOW_STAND_INS=true allows it)",
    );
  }
  return faults;
}
