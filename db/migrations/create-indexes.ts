import { sql, type Kysely } from "kysely";
import { dialectOf } from "../connection/dialect.ts";

export type IndexSpec = {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
};

/** Makes the indexes that are not there yet; MySQL knows no `create index if not exists`. */
export async function createIndexes(
  db: Kysely<unknown>,
  specs: readonly IndexSpec[],
): Promise<void> {
  for (const spec of specs) {
    if (dialectOf(db).name === "mysql" && (await isThere(db, spec))) continue;
    const { name, table, columns } = spec;
    const index = db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns]);
    await (dialectOf(db).name === "mysql" ? index : index.ifNotExists()).execute();
  }
}

async function isThere(db: Kysely<unknown>, { name, table }: IndexSpec): Promise<boolean> {
  const { rows } = await sql`
    select 1 as found from information_schema.statistics
    where table_schema = database() and table_name = ${table} and index_name = ${name} limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
