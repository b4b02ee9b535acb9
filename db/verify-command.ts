import { parseArgs } from "node:util";
import { databaseUrl } from "../local/database-url.ts";
import { openDatabase } from "./open.ts";
import { createSettingStore } from "./settings.ts";
import { verifyLedger, type CheckResult } from "./verify-ledger.ts";

const USAGE = "npm run ledger:verify -- [--database sqlite:<path>|mysql://…] [--json]";

/** Exit 0 when every invariant holds, 1 with the offending rows when not, 2 when it could not look. */
async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { database: { type: "string" }, json: { type: "boolean" }, help: { type: "boolean" } },
  });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const url = databaseUrl(values.database);
  const db = await openDatabase(url, { mustExist: true, queryTimeoutMs: 600_000 });
  try {
    const nowMs = await createSettingStore(db).nowMs();
    const results = await verifyLedger(db.kysely, nowMs);
    const broken = results.filter(({ findings }) => findings.length > 0);
    const text =
      values.json === true
        ? JSON.stringify({ ok: broken.length === 0, checks: results })
        : table(results);
    process.stdout.write(`${text}\n`);
    return broken.length === 0 ? 0 : 1;
  } finally {
    await db.close();
  }
}

function table(results: readonly CheckResult[]): string {
  const lines = results.flatMap(({ invariant, promise, findings }) => [
    `${findings.length === 0 ? "✅" : "❌"} ${invariant.padEnd(4)} ${promise}`,
    ...findings.map((finding) => `       ${JSON.stringify(finding)}`),
  ]);
  const broken = results.filter(({ findings }) => findings.length > 0).length;
  const verdict =
    broken === 0 ? "all invariants hold" : `${broken} of ${results.length} are broken`;
  return [...lines, verdict].join("\n");
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(
      `❌ ${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`,
    );
    process.exit(2);
  },
);
