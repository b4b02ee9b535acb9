import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The path of the first program of these names that may be run: on the PATH, else in `folders`, where systems put
 * servers that are not on every user's PATH. Null when there is none.
 */
export function findProgram(
  names: readonly string[],
  folders: readonly string[],
  environment: Environment,
): string | null {
  const candidates = [...(environment["PATH"] ?? "").split(delimiter), ...folders];
  const paths = names.flatMap((name) =>
    candidates.filter((folder) => folder !== "").map((folder) => join(folder, name)),
  );
  return paths.find(isProgram) ?? null;
}

/** Whether that file may be run. */
export function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
