import { sql } from "kysely";
import type { Db, Tx } from "./db.ts";

/** The database's clock, epoch milliseconds. */
export async function databaseNowMs({ now }: Pick<Db, "now">, reader: Db["kysely"] | Tx) {
  const { rows } = await sql<{ nowMs: number }>`select ${now} as nowMs`.execute(reader);
  return rows[0]?.nowMs ?? 0;
}
