import { join } from "node:path";
import { parseConfig, type Config, type Environment } from "../runtime/config/parse-config.ts";

/**
 * A configuration of embedded parts alone, with its data in `dataDir` and the API on a free port; `given` names servers
 * and limits. No file and nothing of this process's environment is read.
 */
export function embeddedConfig(dataDir: string, given: Environment = {}): Config {
  const own = { PORT: "0", DATABASE_URL: `sqlite:${join(dataDir, "drape.sqlite")}` };
  return parseConfig("dev", { ...own, ...given });
}
