import type { SettingStore } from "../core/ports/setting-store.ts";
import type { Db } from "./connection/db.ts";
import { transaction } from "./connection/transaction.ts";

export function createSettingStore(db: Db): SettingStore {
  return {
    async get(name) {
      const row = await db.kysely
        .selectFrom("settings")
        .select("textValue")
        .where("name", "=", name)
        .executeTakeFirst();
      return row?.textValue ?? null;
    },
    async put(name, textValue) {
      await transaction(db, async (tx) => {
        await tx
          .insertInto("settings")
          .orIgnore()
          .values({ name, textValue, numberValue: 0 })
          .execute();
        await tx.updateTable("settings").set({ textValue }).where("name", "=", name).execute();
      });
    },
  };
}
