import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

/** Where Debian, own builds and Homebrew put the server, which are not on every user's PATH. */
const SERVER_FOLDERS = ["/usr/bin", "/usr/local/bin", "/opt/homebrew/bin"];

/**
 * The path of the redis-server program on this machine, or null. `DRAPE_REDIS_SERVER` names another one, and the
 * word `none` says that there is none.
 */
export function findRedis(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string | null {
  const named = environment["DRAPE_REDIS_SERVER"];
  if (named === "none") return null;
  if (named !== undefined) return isProgram(named) ? named : null;
  const folders = [...(environment["PATH"] ?? "").split(delimiter), ...SERVER_FOLDERS];
  const paths = folders.filter((folder) => folder !== "").map((f) => join(f, "redis-server"));
  return paths.find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
