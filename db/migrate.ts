import type { Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import * as init from "./migrations/0001-init.ts";
import * as presets from "./migrations/0002-presets.ts";
import * as lists from "./migrations/0003-lists.ts";
import type { Database } from "./schema.ts";

const MIGRATIONS: Record<string, Migration> = {
  "0001-init": init,
  "0002-presets": presets,
  "0003-lists": lists,
};

/** Brings the schema up to date; safe to run again after a crash, and by several processes at once. */
export async function migrate(db: Kysely<Database>): Promise<readonly string[]> {
  const migrator = new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
  const { error, results } = await migrator.migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}
