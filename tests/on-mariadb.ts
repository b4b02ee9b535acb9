import { randomUUID } from "node:crypto";
import { findMariadb } from "../local/servers/find-mariadb.ts";
import { startPrivateMariadb, type PrivateMariadb } from "../local/servers/private-mariadb.ts";
import { onServer } from "./on-server.ts";
import { sharedMariadb } from "./shared-mariadb.ts";

/** Where a suite makes its databases. */
export type MariadbHost = Pick<PrivateMariadb, "createDatabase">;

const INSTALLED = {
  name: "a MariaDB or MySQL server",
  programs: "mariadbd or mysqld",
  hint: "apt-get install mariadb-server, or name the program in DRAPE_MARIADBD",
  isInstalled: () => findMariadb() !== null,
};

/**
 * Runs tests on databases of their own: in a whole run on the server that all suites share, which a test must neither
 * end nor ask about anything but its own databases; else on a private one.
 */
export function onMariadb(suite: (server: () => MariadbHost) => void): void {
  onServer({ ...INSTALLED, start: startHost }, suite);
}

/** Runs tests on a server of this suite's own, which they may kill. */
export function onOwnMariadb(suite: (server: () => PrivateMariadb) => void): void {
  onServer({ ...INSTALLED, start: startPrivateMariadb }, suite);
}

async function startHost(folder: string): Promise<MariadbHost & { stop(): Promise<void> }> {
  const shared = sharedMariadb();
  if (shared === null) return startPrivateMariadb(folder);
  // Two suites may give their databases the same name.
  const suffix = randomUUID().slice(0, 8);
  return {
    createDatabase: (name) => shared.createDatabase(`${name}_${suffix}`),
    stop: async () => {},
  };
}
