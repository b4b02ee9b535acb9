import { parseArgs } from "node:util";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { FUNCTION_NAMES } from "../../core/model/functions.ts";
import { readRunningDev } from "../../local/dev/running-dev.ts";
import { drawSampleGarment } from "../../local/samples/draw-sample-garment.ts";
import { cloudAccessOf, type CloudAccess } from "../../runtime/cloud-access.ts";
import type { Config } from "../../runtime/config/parse-config.ts";
import { openCommand } from "../../runtime/open-command.ts";
import { runChecks, type Check } from "./check-table.ts";
import { scfChecks } from "./scf-checks.ts";
import { system } from "../../runtime/system.ts";

const USAGE = `npm run test:scf -- [--paid] [--strict] [--free] [--json]     (or: node test-scf-integration.js)

Asks the cloud that .env.production names (else .env.local, else the emulated one of a running npm run dev) whether the
three functions are there, and calls each of them for real on a small drawn picture.
  --paid    also what a real provider bills: one prompt and one picture; its price is printed first
  --strict  a check that was skipped fails the run
  --free    leaves the prompt and the picture out everywhere
  --json    one JSON object instead of the table`;

const NO_CLOUD =
  "no cloud to try: fill in .env.production (or .env.local), or start npm run dev for the emulated one";
const NOT_PAID = "a prompt and a picture cost money at your providers: --paid buys them";

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
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
  const { config } = openCommand("test:scf", ["cloud"]);
  const target = targetOf(config);
  if (target === null) return runChecks("three functions", [nothingToTry()], values);
  const { access, paysNothing } = target;
  const pays = !values.free && (paysNothing || values.paid);
  if (pays && !paysNothing) process.stderr.write(`📊 ${priceOf(config)}\n`);
  const { scfEndpoint, cosEndpoint, ...account } = access;
  const at = (endpoint: string | undefined) => (endpoint === undefined ? {} : { endpoint });
  const checks = scfChecks({
    functions: createScfInvoker({ ...account, ...at(scfEndpoint) }),
    objects: createCosObjectStore({ ...system, ...account, ...at(cosEndpoint) }),
    photo: await drawSampleGarment("t-shirt", 0),
    imageModel: config.IMAGE_MODEL,
    whyNotPaid: pays ? null : values.free ? "--free leaves out what providers bill" : NOT_PAID,
  });
  const where = scfEndpoint === undefined ? account.region : `the emulated cloud at ${scfEndpoint}`;
  return runChecks(`${FUNCTION_NAMES.length} functions in ${where}`, checks, values);
}

type Target = { readonly access: CloudAccess; readonly paysNothing: boolean };

function targetOf(config: Config): Target | null {
  const access = cloudAccessOf(config);
  if (access !== null) return { access, paysNothing: false };
  const dev = readRunningDev();
  if (dev === null || dev.cloud === null) return null;
  const { scfEndpoint, cosEndpoint, ...account } = dev.cloud;
  return {
    access: {
      ...account,
      ...(scfEndpoint === undefined ? {} : { scfEndpoint }),
      ...(cosEndpoint === undefined ? {} : { cosEndpoint }),
    },
    paysNothing: dev.paysNothing,
  };
}

function nothingToTry(): Check {
  return { name: "three functions", skip: () => NO_CLOUD, run: async () => "" };
}

/** By what the operator said that a picture costs; the prompt is a few thousand tokens. */
function priceOf({ COST_PER_IMAGE: each, COST_CURRENCY: currency }: Config): string {
  const picture = each === undefined ? "at your provider's price" : `about ${each} ${currency}`;
  return `this buys one picture, ${picture}, and one prompt of a few thousand tokens`;
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
