import { existsSync, readFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { DemoClient } from "../../local/demo/demo-client.ts";
import { apiChecks } from "./api-checks.ts";
import { runChecks } from "./check-table.ts";

const USAGE = `npm run test:api -- --url http://127.0.0.1:3000 [--email … --password …] [--json]     (or: node test-api.js)

Calls every route of a running deployment as a customer does: health, sign-in, credits, an upload, one task of each type,
lists, progress, cancel, and what must be refused. The customer needs about 60 credits; without --email the login of
npm run dev is used, or DRAPE_URL, DRAPE_EMAIL and DRAPE_PASSWORD.
  --free   leaves out the tasks, which cost credits
  --json   one JSON object instead of the table`;

const DEV_LOGIN = ".data/dev-login.json";
const LIMIT_MS = 600_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      url: { type: "string" },
      email: { type: "string" },
      password: { type: "string" },
      json: { type: "boolean", default: false },
      free: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const url = (values.url ?? process.env["DRAPE_URL"] ?? "http://127.0.0.1:3000").replace(
    /\/$/,
    "",
  );
  const login = loginOf(values);
  const client = new DemoClient(url, AbortSignal.timeout(LIMIT_MS));
  return runChecks(
    `the API at ${url}`,
    apiChecks({ client, url, login, free: values.free }),
    values,
  );
}

type Login = { readonly email: string; readonly password: string };

function loginOf(values: {
  readonly email?: string | undefined;
  readonly password?: string | undefined;
}): Login {
  const email = values.email ?? process.env["DRAPE_EMAIL"];
  const password = values.password ?? process.env["DRAPE_PASSWORD"];
  if (email !== undefined && password !== undefined) return { email, password };
  if (existsSync(DEV_LOGIN)) return JSON.parse(readFileSync(DEV_LOGIN, "utf8")) as Login; // written by `npm run dev`
  throw new Error("say as whom: --email and --password, or DRAPE_EMAIL and DRAPE_PASSWORD");
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
