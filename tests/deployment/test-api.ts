import { parseArgs } from "node:util";
import { DemoClient } from "../../local/demo/demo-client.ts";
import { readRunningDev, type RunningDev } from "../../local/dev/running-dev.ts";
import { apiChecks, CREDITS_NEEDED } from "./api-checks.ts";
import type { Login } from "./api-parts.ts";
import { runChecks } from "./check-table.ts";

const USAGE = `npm run test:api -- [--url http://127.0.0.1:3000] [--email … --password …] [--paid] [--strict] [--json]
                     (or: node test-api.js)

Calls every route of a running deployment as a customer does: health, sign-in, credits, an upload, one task of each type,
lists, progress, cancel, and what must be refused. Without --url and --email it is the running npm run dev, or
DRAPE_URL, DRAPE_EMAIL and DRAPE_PASSWORD. The tasks need about ${CREDITS_NEEDED} credits.
  --paid    runs the tasks where they cost money at a real provider; the price is printed first
  --strict  a check that was skipped fails the run
  --free    leaves the tasks out everywhere
  --json    one JSON object instead of the table`;

const HERE = "http://127.0.0.1:3000";
const LIMIT_MS = 600_000;
const NOT_PAID = "tasks cost credits, and prompts and pictures money at your providers: --paid";
const PRICE = `this spends up to ${CREDITS_NEEDED} of the customer's credits, and buys two prompts and two or three pictures at your providers`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      email: { type: "string" },
      password: { type: "string" },
      json: { type: "boolean", default: false },
      free: { type: "boolean", default: false },
      paid: { type: "boolean", default: false },
      strict: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const dev = readRunningDev();
  const named = values.url ?? process.env["DRAPE_URL"];
  const url = (named ?? dev?.url ?? HERE).replace(/\/$/, "");
  const isDev = dev !== null && dev.url === url;
  const paysNothing = isDev && dev.paysNothing;
  const pays = !values.free && (paysNothing || values.paid);
  if (pays && !paysNothing) process.stderr.write(`📊 ${PRICE}\n`);
  const checks = apiChecks({
    client: new DemoClient(url, AbortSignal.timeout(LIMIT_MS)),
    url,
    login: loginOf(values, isDev ? dev : null),
    whyNotPaid: pays ? null : values.free ? "--free leaves the tasks out" : NOT_PAID,
  });
  return runChecks(`the API at ${url}`, checks, values);
}

type Named = { readonly email?: string | undefined; readonly password?: string | undefined };

function loginOf(values: Named, dev: RunningDev | null): Login | null {
  const email = values.email ?? process.env["DRAPE_EMAIL"];
  const password = values.password ?? process.env["DRAPE_PASSWORD"];
  if (email !== undefined && password !== undefined) return { email, password };
  return dev?.login ?? null;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
