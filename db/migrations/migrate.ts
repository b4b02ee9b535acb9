import type { Kysely } from "kysely";
import { Migrator, type Migration } from "kysely/migration";
import * as init from "./0001-init.ts";
import * as presets from "./0002-presets.ts";
import * as lists from "./0003-lists.ts";
import * as audit from "./0004-audit.ts";
import * as deliveries from "./0005-deliveries.ts";
import * as garments from "./0006-garments.ts";
import * as retiredPresets from "./0007-retired-presets.ts";
import * as identities from "./0008-identities.ts";
import * as usage from "./0009-usage.ts";
import * as originalPresets from "./0010-original-presets.ts";
import type { Database } from "../schema.ts";

const MIGRATIONS: Record<string, Migration> = {
  "0001-init": init,
  "0002-presets": presets,
  "0003-lists": lists,
  "0004-audit": audit,
  "0005-deliveries": deliveries,
  "0006-garments": garments,
  "0007-retired-presets": retiredPresets,
  "0008-identities": identities,
  "0009-usage": usage,
  "0010-original-presets": originalPresets,
};

export const MIGRATION_NAMES = Object.keys(MIGRATIONS);

/** Brings the schema up to date; safe to run again after a crash, and by several processes at once. */
export async function migrate(db: Kysely<Database>): Promise<readonly string[]> {
  const { error, results } = await migratorOf(db).migrateToLatest();
  if (error !== undefined) throw error;
  return (results ?? []).map(({ migrationName }) => migrationName);
}

/** As a version of ours left it whose last migration was `name`. */
export async function migrateTo(db: Kysely<Database>, name: string): Promise<void> {
  const { error } = await migratorOf(db).migrateTo(name);
  if (error !== undefined) throw error;
}

/** The names of the migrations that this database still needs. */
export async function pendingMigrations(db: Kysely<Database>): Promise<readonly string[]> {
  const migrations = await migratorOf(db).getMigrations();
  return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name);
}

function migratorOf(db: Kysely<Database>): Migrator {
  return new Migrator({ db, provider: { getMigrations: async () => MIGRATIONS } });
}
