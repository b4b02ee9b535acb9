import { operatorText } from "../core/model/errors.ts";
import { migrate } from "../db/migrations/migrate.ts";
import { openDatabase } from "../db/connection/open.ts";
import { openCommand } from "../runtime/open-command.ts";
import { refuseOptions } from "../runtime/refuse-options.ts";
import { system } from "../runtime/system.ts";

const USAGE = `npm run db:migrate

Brings the schema of the database that DATABASE_URL names up to date; a second run changes nothing.`;

async function main(): Promise<void> {
  refuseOptions(USAGE);
  const { config } = openCommand("db:migrate", ["database"]);
  // An index over many rows takes its time, and so does waiting for another process that migrates.
  const db = await openDatabase(config.DATABASE_URL, {
    ...system,
    queryTimeoutMs: 3_600_000,
    connectionsMax: 2,
  });
  try {
    const done = await migrate(db.kysely);
    process.stdout.write(
      done.length === 0 ? "✅ the schema is up to date\n" : `✅ ran ${done.join(", ")}\n`,
    );
  } finally {
    await db.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`❌ ${operatorText(error)}\n`);
  process.exit(1);
});
