import { sql } from "kysely";
import type { Db } from "../../db/connection/db.ts";
import type { Product } from "../../commands/all-in-one.ts";
import type { EngineReport } from "./demo-report.ts";

export async function reportEngines(product: Product, rowsBefore: number): Promise<EngineReport> {
  const version = await versionOf(product.db);
  const server = version.includes("MariaDB") ? "MariaDB" : "MySQL";
  const rows = (await countRows(product.db)) - rowsBefore;
  const { redisVersion } = product;
  return {
    database: { name: product.db.dialect.name === "sqlite" ? "SQLite" : server, version, rows },
    queue: {
      name: redisVersion === null ? "memory" : "BullMQ on Redis",
      version: redisVersion,
      jobs: product.jobsDone(),
    },
  };
}

export async function countRows({ kysely }: Pick<Db, "kysely">): Promise<number> {
  let rows = 0;
  for (const { name } of await kysely.introspection.getTables()) {
    const { rows: counted } = await sql<{ n: number }>`
      select count(*) as n from ${sql.table(name)}`.execute(kysely);
    rows += counted[0]?.n ?? 0;
  }
  return rows;
}

async function versionOf({ kysely, dialect }: Db): Promise<string> {
  const call = dialect.name === "sqlite" ? sql`sqlite_version()` : sql`version()`;
  const { rows } = await sql<{ version: string }>`select ${call} as version`.execute(kysely);
  return rows[0]?.version ?? "";
}
