import { findMariadb } from "../local/servers/find-mariadb.ts";
import { startPrivateMariadb, type PrivateMariadb } from "../local/servers/private-mariadb.ts";
import { onServer } from "./on-server.ts";

/** Runs tests on a MariaDB (or MySQL) of their own; see `onServer` for a machine without one. */
export function onMariadb(suite: (server: () => PrivateMariadb) => void): void {
  const kind = {
    name: "a MariaDB or MySQL server",
    programs: "mariadbd or mysqld",
    isInstalled: () => findMariadb() !== null,
    start: startPrivateMariadb,
  };
  onServer(kind, suite);
}
