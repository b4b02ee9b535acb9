import { sql, type Kysely } from "kysely";
import { dialectOf } from "../connection/dialect.ts";

export type IndexWish = {
  readonly name: string;
  readonly table: string;
  readonly columns: readonly string[];
};

/** Makes the indexes that are not there yet; MySQL knows no `create index if not exists`. */
export async function createIndexes(
  db: Kysely<unknown>,
  wishes: readonly IndexWish[],
): Promise<void> {
  for (const wish of wishes) {
    if (dialectOf(db).name === "mysql" && (await isThere(db, wish))) continue;
    const { name, table, columns } = wish;
    const index = db.schema
      .createIndex(name)
      .on(table)
      .columns([...columns]);
    await (dialectOf(db).name === "mysql" ? index : index.ifNotExists()).execute();
  }
}

async function isThere(db: Kysely<unknown>, { name, table }: IndexWish): Promise<boolean> {
  const { rows } = await sql`
    select 1 as found from information_schema.statistics
    where table_schema = database() and table_name = ${table} and index_name = ${name} limit 1`.execute(
    db,
  );
  return rows.length > 0;
}
