import type { LogFields } from "../core/ports/log.ts";
import { cloudAccessOf, missingCloudKeys } from "./cloud-access.ts";
import type { Config } from "./config/parse-config.ts";
import type { LoadedEnvironment } from "./load-environment.ts";
import { redisAddressOf } from "./redis-address.ts";

/**
 * Where a configuration leads, for the first line of every start: which file was read, and each part by its host or as
 * embedded. Says no secret.
 */
export function describeConfig(
  config: Config,
  { file, note }: Pick<LoadedEnvironment, "file" | "note">,
): LogFields {
  return {
    file: file ?? "none, the process's environment alone",
    ...(note === null ? {} : { note }),
    database: describeDatabase(config.DATABASE_URL),
    queue: describeQueue(config),
    cloud: describeCloud(config),
  };
}

export type ConfigPart = "database" | "queue" | "cloud";

/** The same for a command that only touches some of the parts. */
export function describeParts(fields: LogFields, parts: readonly ConfigPart[]): string {
  const shown: readonly string[] = ["file", "note", ...parts];
  const listed = Object.entries(fields).filter(([name]) => shown.includes(name));
  return listed.map(([name, value]) => `${name}=${String(value)}`).join("  ");
}

/** Without the user and the password. */
export function describeDatabase(url: string): string {
  const parsed = url.startsWith("mysql://") ? URL.parse(url) : null;
  if (parsed === null) return `${url} (embedded SQLite)`;
  return `mysql ${parsed.host}${parsed.pathname}`;
}

function describeQueue(config: Config): string {
  const redis = redisAddressOf(config);
  return redis === null ? "embedded, in memory" : `Redis ${redis.host}:${redis.port}`;
}

function describeCloud(config: Config): string {
  const access = cloudAccessOf(config);
  if (access !== null) {
    const at = access.scfEndpoint === undefined ? "" : ` at ${access.scfEndpoint}`;
    return `Tencent Cloud ${access.region}, ${access.bucket}, ${access.namespace}:${access.qualifier ?? ""}${at}`;
  }
  const missing = missingCloudKeys(config);
  const why = missing.length === 3 ? "" : ` (${missing.join(", ")} not set)`;
  const real = ["ARK_API_KEY", "PROMPT_API_KEY", "TOKENHUB_API_KEY", "OPENAI_API_KEY"] as const;
  const providers = real.filter((name) => config[name] !== undefined);
  const pictures =
    providers.length === 0 ? "preview pictures" : `providers called with ${providers.join(", ")}`;
  return `embedded cloud${why}, ${pictures}`;
}
