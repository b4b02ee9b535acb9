import { existsSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import {
  CompiledQuery,
  SqliteDialect,
  SqliteDriver,
  type DatabaseConnection,
  type SqliteDatabase,
} from "kysely";
import { commitErrorDriver } from "./database-errors.ts";

/** Throws when there is no such file: a wrong path must not become a new, empty database. */
export function checkSqliteExists(path: string): void {
  if (!existsSync(path))
    throw new Error(`There is no database at ${path}: name one by DATABASE_URL or --database.`);
}

/**
 * SQLite through the runtime's own driver: `bun:sqlite` on Bun, `node:sqlite` on Node >= 22. One connection, so
 * transactions of one process run one after another; several processes meet through the file's write lock.
 */
export async function openSqlite(path: string): Promise<SqliteDialect> {
  if (path !== ":memory:") mkdirSync(dirname(path), { recursive: true });
  const database = await (typeof Bun === "undefined" ? openOnNode(path) : openOnBun(path));
  const dialect = new SqliteDialect({ database });
  dialect.createDriver = () => commitErrorDriver(new ImmediateSqliteDriver({ database }));
  return dialect;
}

// FULL: an acknowledged create survives a power cut. WAL: readers of other processes are not blocked.
const PRAGMAS = [
  "pragma journal_mode = wal",
  "pragma synchronous = full",
  "pragma busy_timeout = 5000",
];

async function openOnBun(path: string): Promise<SqliteDatabase> {
  const { Database } = await import("bun:sqlite");
  const raw = new Database(path, { create: true });
  for (const pragma of PRAGMAS) raw.run(pragma);
  return {
    close: () => raw.close(),
    prepare: (text) => {
      const statement = raw.query<unknown, never[]>(text);
      return {
        reader: statement.columnNames.length > 0,
        all: (values) => statement.all(...(values as never[])),
        run: (values) => statement.run(...(values as never[])),
        iterate: (values) => statement.iterate(...(values as never[])) as IterableIterator<unknown>,
      };
    },
  };
}

async function openOnNode(path: string): Promise<SqliteDatabase> {
  const { DatabaseSync } = await import("node:sqlite");
  const raw = new DatabaseSync(path);
  for (const pragma of PRAGMAS) raw.exec(pragma);
  return {
    close: () => raw.close(),
    prepare: (text) => {
      const statement = raw.prepare(text);
      return {
        reader: statement.columns().length > 0,
        // Rows of node:sqlite have no prototype; a copy makes them like everybody else's.
        all: (values) => statement.all(...(values as never[])).map((row) => ({ ...row })),
        run: (values) => statement.run(...(values as never[])),
        iterate: (values) => statement.iterate(...(values as never[])) as IterableIterator<unknown>,
      };
    },
  };
}

/** Takes the write lock at once: a transaction that reads first and writes later could not wait for it. */
class ImmediateSqliteDriver extends SqliteDriver {
  override async beginTransaction(connection: DatabaseConnection): Promise<void> {
    await connection.executeQuery(CompiledQuery.raw("begin immediate"));
  }
}
