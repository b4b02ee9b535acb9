import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, test } from "bun:test";
import { findMariadb } from "./find-mariadb.ts";
import { startPrivateMariadb, type PrivateServer } from "./private-server.ts";

/** A busy machine takes its time over the first start. */
const START_LIMIT_MS = 60_000;

/**
 * Runs tests on a private server of their own. Where none is installed it says so on stderr and runs none of them;
 * with `CI=true` that is a failing test, so that no pipeline goes green by having skipped half of the promises.
 */
export function onMariadb(suite: (server: () => PrivateServer) => void): void {
  if (findMariadb() === null) {
    const text = "no mariadbd or mysqld is installed: the tests on MariaDB DO NOT RUN";
    process.stderr.write(`\n⚠️  ${text}\n\n`);
    if (process.env["CI"] === "true") {
      test("a MariaDB or MySQL server is installed where CI runs", () => {
        throw new Error(text);
      });
    }
    return;
  }
  const folder = mkdtempSync(join(tmpdir(), "drape-mariadb-"));
  let server: PrivateServer | undefined;
  beforeAll(async () => {
    server = await startPrivateMariadb(folder);
  }, START_LIMIT_MS);
  afterAll(async () => {
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  suite(() => {
    if (server === undefined) throw new Error("the server is not started yet");
    return server;
  });
}
