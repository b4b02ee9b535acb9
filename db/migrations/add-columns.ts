import { sql, type Kysely } from "kysely";
import type { ColumnDefinitionBuilder } from "kysely";
import { dialectOf } from "../connection/dialect.ts";

export type ColumnWish = {
  readonly table: string;
  readonly name: string;
  readonly type: "bigint" | "integer" | "text" | `varchar(${number})`;
  /** What the column is beside its type: nothing for one that may be null. */
  readonly rule?: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
};

/**
 * Adds the columns that are not there yet, so that a migration that was cut off goes on: neither SQLite nor MySQL
 * knows `add column if not exists`. A column must be nullable or have a default, for the rows that are there.
 */
export async function addColumns<T>(db: Kysely<T>, wishes: readonly ColumnWish[]): Promise<void> {
  for (const wish of wishes) {
    if (await isThere(db, wish)) continue;
    const { table, name, type, rule } = wish;
    await db.schema
      .alterTable(table)
      .addColumn(name, type, rule ?? ((column) => column))
      .execute();
  }
}

async function isThere<T>(db: Kysely<T>, { table, name }: ColumnWish): Promise<boolean> {
  const { rows } = await (
    dialectOf(db).name === "mysql"
      ? sql`
          select 1 as found from information_schema.columns
          where table_schema = database() and table_name = ${table} and column_name = ${name}`
      : sql`select 1 as found from pragma_table_info(${table}) where name = ${name}`
  ).execute(db);
  return rows.length > 0;
}
