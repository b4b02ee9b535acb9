import { findProgram, isProgram, type Environment } from "./find-program.ts";

export type MariadbPrograms = {
  /** Path of `mariadbd` or `mysqld`. */
  readonly server: string;
  /** Path of the program that makes a data folder; null when the server does it itself (MySQL). */
  readonly installer: string | null;
};

/** Where Debian, Red Hat and Homebrew put it. */
const FOLDERS = ["/usr/sbin", "/usr/libexec", "/usr/local/sbin", "/opt/homebrew/bin"];

/**
 * The MariaDB or MySQL server installed on this machine, or null. `DRAPE_MARIADBD` names another server program, and
 * the word `none` says that there is none.
 */
export function findMariadb(environment: Environment = process.env): MariadbPrograms | null {
  const named = environment["DRAPE_MARIADBD"];
  if (named === "none") return null;
  const server = named ?? findProgram(["mariadbd", "mysqld"], FOLDERS, environment);
  if (server === null || !isProgram(server)) return null;
  const installers = ["mariadb-install-db", "mysql_install_db"];
  return { server, installer: findProgram(installers, FOLDERS, environment) };
}
