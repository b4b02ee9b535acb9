import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { findMariadb } from "../../local/servers/find-mariadb.ts";
import { startPrivateMariadb } from "../../local/servers/private-mariadb.ts";
import { DRAWN_GARMENTS } from "../../local/samples/drawn-garment.fixture.ts";
import { BUILT_FUNCTIONS, buildForTests } from "../built-functions.ts";
import { SHARED_MARIADB } from "../shared-mariadb.ts";

export type SharedParts = {
  /** Variables by which the tests find them. */
  readonly environment: Readonly<Record<string, string>>;
  stop(): Promise<void>;
};

/** What takes a second or two to make and serves all files of a run: the functions' bundles, one MariaDB, garments. */
export async function makeSharedParts(folder: string): Promise<SharedParts> {
  const functions = await buildForTests(folder);
  const garments = join(folder, "garments");
  mkdirSync(garments);
  const own = { [BUILT_FUNCTIONS]: functions, [DRAWN_GARMENTS]: garments };
  if (findMariadb() === null) return { environment: own, stop: async () => {} };
  const claim = join(folder, "mariadb");
  mkdirSync(claim);
  const server = await startPrivateMariadb(claim);
  const { origin } = new URL(server.url.replace("mysql:", "http:"));
  const url = origin.replace("http://", "mysql://root@");
  return { environment: { ...own, [SHARED_MARIADB]: url }, stop: () => server.stop() };
}
