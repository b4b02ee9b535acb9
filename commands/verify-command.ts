import { parseArgs } from "node:util";
import { operatorText } from "../core/model/errors.ts";
import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import type { CheckResult } from "../core/ports/ledger-audit-store.ts";
import { cloudAccessOf, missingCloudKeys } from "../runtime/cloud-access.ts";
import type { Config } from "../runtime/config/parse-config.ts";
import { openCommand } from "../runtime/open-command.ts";
import { clearAccount } from "../db/credits/hold-accounts.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import { createStore } from "../db/store.ts";
import { verifyLedger, type VerifyOptions } from "../db/ledger-audit/verify-ledger.ts";
import { system } from "../runtime/system.ts";

const USAGE = `npm run ledger:verify -- [--database sqlite:<path>|mysql://…] [--json]
  --objects          also looks for every delivered picture in COS, by the environment's keys: one request each
  --clear <account>  lets a frozen account (its customer's id) take tasks again, if its credits add up`;

const OPTIONS = {
  database: { type: "string" },
  objects: { type: "boolean" },
  clear: { type: "string" },
  json: { type: "boolean" },
  help: { type: "boolean" },
} as const;

/** Exit 0 when every invariant holds, 1 with the offending rows when not, 2 when it could not look. */
async function main(): Promise<number> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const named = values.database === undefined ? {} : { DATABASE_URL: values.database };
  const { config } =
    values.objects === true
      ? openCommand("ledger:verify --objects", ["database", "cloud"], named)
      : openCommand("ledger:verify", ["database"], named);
  const options = values.objects === true ? headInCos(config) : {};
  const db = await openDatabase(config.DATABASE_URL, {
    ...system,
    mustExist: true,
    queryTimeoutMs: 600_000,
  });
  try {
    return values.clear === undefined
      ? await verify(db, options, values.json === true)
      : await clear(db, values.clear);
  } finally {
    await db.close();
  }
}

async function verify(db: Db, options: VerifyOptions, json: boolean): Promise<number> {
  const nowMs = await createStore(db).nowMs();
  const results = await verifyLedger(db.kysely, nowMs, options);
  const ok = results.every(({ findings }) => findings.length === 0);
  const text = json ? JSON.stringify({ ok, checks: results }) : table(results);
  process.stdout.write(`${text}\n`);
  return ok ? 0 : 1;
}

function headInCos(config: Config): VerifyOptions {
  const access = cloudAccessOf(config);
  if (access === null) throw new Error(`not set: ${missingCloudKeys(config).join(", ")}`);
  const { cosEndpoint, ...target } = access;
  const endpoint = cosEndpoint === undefined ? {} : { endpoint: cosEndpoint };
  const objects = createCosObjectStore({ ...system, ...target, ...endpoint });
  return { head: (key) => objects.head(key) };
}

async function clear(db: Db, account: string): Promise<number> {
  const clearing = await clearAccount(db, account, "operator");
  switch (clearing.kind) {
    case "cleared":
      process.stdout.write(
        `✅ ${account} takes tasks again; it was frozen by ${clearing.reason}\n`,
      );
      return 0;
    case "not-frozen":
      process.stdout.write(`✅ ${account} is not frozen\n`);
      return 0;
    case "no-account":
      process.stderr.write(`❌ there is no account ${account}\n`);
      return 1;
    case "still-broken":
      process.stdout.write(`${table(clearing.broken)}\n❌ ${account} stays frozen\n`);
      return 1;
    default:
      return clearing satisfies never;
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
    process.stderr.write(`❌ ${operatorText(error)}\n${USAGE}\n`);
    process.exit(2);
  },
);
