import { sql } from "kysely";
import type { Store } from "../core/ports/store.ts";
import type { Db } from "./connection/db.ts";
import { transaction } from "./connection/transaction.ts";

type SettingStore = Pick<Store, "getSetting" | "putSetting" | "nowMs" | "ping">;

export function createSettingStore(db: Db): SettingStore {
  const { kysely } = db;
  const nowMs = async () => {
    const { rows } = await sql<{ nowMs: number }>`select ${db.now} as nowMs`.execute(kysely);
    return rows[0]?.nowMs ?? 0;
  };
  return {
    async getSetting(name) {
      const row = await kysely
        .selectFrom("settings")
        .select("textValue")
        .where("name", "=", name)
        .executeTakeFirst();
      return row?.textValue ?? null;
    },
    async putSetting(name, textValue) {
      await transaction(db, async (tx) => {
        await tx
          .insertInto("settings")
          .orIgnore()
          .values({ name, textValue, numberValue: 0 })
          .execute();
        await tx.updateTable("settings").set({ textValue }).where("name", "=", name).execute();
      });
    },
    nowMs,
    async ping() {
      await nowMs();
    },
  };
}
