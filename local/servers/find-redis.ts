import { findProgram, isProgram, type Environment } from "./find-program.ts";

/** Where Debian, own builds and Homebrew put it. */
const FOLDERS = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/**
 * The path of the redis-server program on this machine, or null. `DRAPE_REDIS_SERVER` names another one, and the
 * word `none` says that there is none.
 */
export function findRedis(environment: Environment = process.env): string | null {
  const named = environment["DRAPE_REDIS_SERVER"];
  if (named === "none") return null;
  if (named !== undefined) return isProgram(named) ? named : null;
  return findProgram(["redis-server"], FOLDERS, environment);
}
