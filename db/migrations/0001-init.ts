import { sql, type CreateTableBuilder, type Kysely } from "kysely";
import { createIndexes } from "./create-indexes.ts";
import { dialectOf, type Dialect } from "../connection/dialect.ts";

type AnyTable = CreateTableBuilder<string, string>;
type TableMaker = {
  readonly name: string;
  readonly make: (table: AnyTable, dialect: Dialect) => AnyTable;
};

const id = "varchar(64)" as const;
const word = "varchar(32)" as const;

const TABLES: readonly TableMaker[] = [
  {
    name: "users",
    make: (t) =>
      t
        .addColumn("id", id, (c) => c.primaryKey())
        .addColumn("email", "varchar(190)", (c) => c.notNull().unique())
        .addColumn("passwordHash", "varchar(255)", (c) => c.notNull())
        .addColumn("role", word, (c) => c.notNull())
        .addColumn("createdAt", "bigint", (c) => c.notNull()),
  },
  {
    name: "accounts",
    make: (t) =>
      t
        .addColumn("id", id, (c) => c.primaryKey())
        .addColumn("available", "bigint", (c) => c.notNull())
        .addColumn("held", "bigint", (c) => c.notNull())
        .addColumn("lastKey", "bigint", (c) => c.notNull())
        .addCheckConstraint("accounts_available", sql`available >= 0`)
        .addCheckConstraint("accounts_held", sql`held >= 0`),
  },
  {
    name: "transfers",
    make: (t) =>
      t
        .addColumn("id", id, (c) => c.primaryKey())
        .addColumn("kind", word, (c) => c.notNull())
        .addColumn("taskId", id)
        .addColumn("debit", "varchar(80)", (c) => c.notNull())
        .addColumn("credit", "varchar(80)", (c) => c.notNull())
        .addColumn("amount", "bigint", (c) => c.notNull())
        .addColumn("reason", "varchar(255)", (c) => c.notNull())
        .addColumn("actor", id, (c) => c.notNull())
        .addColumn("createdAt", "bigint", (c) => c.notNull())
        .addColumn("uniqueKey", "varchar(100)", (c) => c.notNull().unique())
        .addCheckConstraint("transfers_amount", sql`amount > 0`),
  },
  {
    name: "resolutions",
    make: (t) =>
      t
        .addColumn("taskId", id, (c) => c.primaryKey())
        .addColumn("fence", "bigint", (c) => c.notNull())
        .addColumn("amount", "bigint", (c) => c.notNull())
        .addColumn("posted", "bigint", (c) => c.notNull())
        .addColumn("released", "bigint", (c) => c.notNull())
        .addColumn("createdAt", "bigint", (c) => c.notNull())
        .addCheckConstraint(
          "resolutions_sum",
          sql`posted >= 0 and released >= 0 and posted + released = amount`,
        ),
  },
  {
    name: "tasks",
    make: (t, { longText }) =>
      t
        .addColumn("id", id, (c) => c.primaryKey())
        .addColumn("userId", id, (c) => c.notNull())
        .addColumn("type", word, (c) => c.notNull())
        .addColumn("status", word, (c) => c.notNull())
        .addColumn("priority", word, (c) => c.notNull())
        .addColumn("input", longText, (c) => c.notNull())
        .addColumn("sources", longText, (c) => c.notNull())
        .addColumn("prices", "text", (c) => c.notNull())
        .addColumn("metadata", "text", (c) => c.notNull())
        .addColumn("error", longText)
        .addColumn("heldCredits", "bigint", (c) => c.notNull())
        .addColumn("fence", "bigint", (c) => c.notNull())
        .addColumn("version", "bigint", (c) => c.notNull())
        .addColumn("attempts", "integer", (c) => c.notNull())
        .addColumn("crashes", "integer", (c) => c.notNull())
        .addColumn("workerId", id)
        .addColumn("leaseUntil", "bigint", (c) => c.notNull())
        .addColumn("dispatch", word, (c) => c.notNull())
        .addColumn("dispatchNo", "integer", (c) => c.notNull())
        .addColumn("sentAt", "bigint", (c) => c.notNull())
        .addColumn("sortKey", "bigint", (c) => c.notNull())
        .addColumn("shareKey", "bigint", (c) => c.notNull())
        .addColumn("availableAt", "bigint", (c) => c.notNull())
        .addColumn("expiresAt", "bigint", (c) => c.notNull())
        .addColumn("createdAt", "bigint", (c) => c.notNull())
        .addColumn("startedAt", "bigint")
        .addColumn("finishedAt", "bigint"),
  },
  {
    name: "steps",
    make: (t, { longText }) =>
      t
        .addColumn("taskId", id, (c) => c.notNull())
        .addColumn("step", word, (c) => c.notNull())
        .addColumn("idx", "integer", (c) => c.notNull())
        .addColumn("state", word, (c) => c.notNull())
        .addColumn("fence", "bigint", (c) => c.notNull())
        .addColumn("askedAt", "bigint", (c) => c.notNull())
        .addColumn("askLimitMs", "bigint", (c) => c.notNull())
        .addColumn("asks", "integer", (c) => c.notNull())
        .addColumn("priceCredits", "bigint", (c) => c.notNull())
        .addColumn("durationMs", "bigint", (c) => c.notNull())
        .addColumn("result", longText)
        .addColumn("finishedAt", "bigint")
        .addPrimaryKeyConstraint("steps_key", ["taskId", "step", "idx"] as never),
  },
  {
    name: "images",
    make: (t) =>
      t
        .addColumn("id", id, (c) => c.primaryKey())
        .addColumn("taskId", id, (c) => c.notNull())
        .addColumn("idx", "integer", (c) => c.notNull())
        .addColumn("objectKey", "varchar(400)", (c) => c.notNull())
        .addColumn("width", "integer", (c) => c.notNull())
        .addColumn("height", "integer", (c) => c.notNull())
        .addColumn("bytes", "bigint", (c) => c.notNull())
        .addColumn("format", word, (c) => c.notNull())
        .addColumn("provider", "varchar(64)", (c) => c.notNull())
        .addColumn("createdAt", "bigint", (c) => c.notNull()),
  },
  {
    name: "idempotency",
    make: (t, { longText }) =>
      t
        .addColumn("userId", id, (c) => c.notNull())
        .addColumn("route", "varchar(100)", (c) => c.notNull())
        .addColumn("idempotencyKey", "varchar(255)", (c) => c.notNull())
        .addColumn("bodyHash", id, (c) => c.notNull())
        .addColumn("taskId", id, (c) => c.notNull())
        .addColumn("response", longText, (c) => c.notNull())
        .addColumn("createdAt", "bigint", (c) => c.notNull())
        .addPrimaryKeyConstraint("idempotency_key", ["userId", "route", "idempotencyKey"] as never),
  },
  {
    name: "scenes",
    make: (t) =>
      t
        .addColumn("id", id, (c) => c.notNull())
        .addColumn("kind", word, (c) => c.notNull())
        .addColumn("en", "varchar(400)", (c) => c.notNull())
        .addColumn("zh", "varchar(400)", (c) => c.notNull())
        .addColumn("sortNo", "integer", (c) => c.notNull())
        .addPrimaryKeyConstraint("scenes_key", ["kind", "id"] as never),
  },
  {
    name: "settings",
    make: (t) =>
      t
        .addColumn("name", "varchar(100)", (c) => c.primaryKey())
        .addColumn("textValue", "text")
        .addColumn("numberValue", "bigint", (c) => c.notNull().defaultTo(0)),
  },
];

const INDEXES = [
  { name: "tasks_dispatch", table: "tasks", columns: ["status", "dispatch", "sortKey"] },
  { name: "tasks_lease", table: "tasks", columns: ["status", "leaseUntil"] },
  { name: "tasks_deadline", table: "tasks", columns: ["status", "expiresAt"] },
  { name: "tasks_user", table: "tasks", columns: ["userId", "createdAt", "id"] },
  { name: "transfers_task", table: "transfers", columns: ["taskId"] },
  { name: "transfers_debit", table: "transfers", columns: ["debit", "createdAt"] },
  { name: "transfers_credit", table: "transfers", columns: ["credit", "createdAt"] },
  { name: "images_task", table: "images", columns: ["taskId", "idx"] },
];

/** Restartable: neither engine rolls DDL back, so each statement says `if not exists`. */
export async function up(db: Kysely<unknown>): Promise<void> {
  const dialect = dialectOf(db);
  for (const { name, make } of TABLES) {
    const table = make(db.schema.createTable(name).ifNotExists() as AnyTable, dialect);
    await table.modifyEnd(dialect.tableOptions).execute();
  }
  await createIndexes(db, INDEXES);
}
