import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

export type MariadbPrograms = {
  /** Path of `mariadbd` or `mysqld`. */
  readonly server: string;
  /** Path of the program that makes a data folder; null when the server does it itself (MySQL). */
  readonly installer: string | null;
};

/** Where Debian, Red Hat and Homebrew put servers, which are not on every user's PATH. */
const SERVER_FOLDERS = ["/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/opt/homebrew/bin"];

/**
 * The MariaDB or MySQL server installed on this machine, or null. `DRAPE_MARIADBD` names another server program, and
 * the word `none` says that there is none.
 */
export function findMariadb(
  environment: Readonly<Record<string, string | undefined>> = process.env,
): MariadbPrograms | null {
  const folders = [...(environment["PATH"] ?? "").split(delimiter), ...SERVER_FOLDERS];
  const named = environment["DRAPE_MARIADBD"];
  if (named === "none") return null;
  const server = named ?? firstOf(["mariadbd", "mysqld"], folders);
  if (server === null || !isProgram(server)) return null;
  return { server, installer: firstOf(["mariadb-install-db", "mysql_install_db"], folders) };
}

function firstOf(names: readonly string[], folders: readonly string[]): string | null {
  const paths = names.flatMap((name) =>
    folders.filter((folder) => folder !== "").map((folder) => join(folder, name)),
  );
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
