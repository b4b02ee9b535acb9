import { sql, type Kysely } from "kysely";
import type { ColumnDefinitionBuilder } from "kysely";
import { dialectOf } from "../connection/dialect.ts";

export type ColumnSpec = {
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
export async function addColumns<T>(db: Kysely<T>, specs: readonly ColumnSpec[]): Promise<void> {
  for (const spec of specs) {
    if (await isThere(db, spec)) continue;
    const { table, name, type, rule } = spec;
    await db.schema
      .alterTable(table)
      .addColumn(name, type, rule ?? ((column) => column))
      .execute();
  }
}

async function isThere<T>(db: Kysely<T>, { table, name }: ColumnSpec): Promise<boolean> {
  const { rows } = await (
    dialectOf(db).name === "mysql"
      ? sql`
          select 1 as found from information_schema.columns
          where table_schema = database() and table_name = ${table} and column_name = ${name}`
      : sql`select 1 as found from pragma_table_info(${table}) where name = ${name}`
  ).execute(db);
  return rows.length > 0;
}
