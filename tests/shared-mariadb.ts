import { createConnection } from "mysql2/promise";

/** The variable by which tests/run-tests.ts names the server of a whole run: `mysql://root@127.0.0.1:<port>`. */
export const SHARED_MARIADB = "DRAPE_TEST_MARIADB";

/** The server that tests/run-tests.ts started for a whole run; null when a file runs alone. */
export function sharedMariadb(environment = process.env) {
  const url = environment[SHARED_MARIADB];
  if (url === undefined) return null;
  return {
    async createDatabase(name: string): Promise<string> {
      const connection = await createConnection(url);
      try {
        await connection.query(
          `create database if not exists ${name} character set utf8mb4 collate utf8mb4_bin`,
        );
      } finally {
        await connection.end();
      }
      return `${url}/${name}`;
    },
  };
}
