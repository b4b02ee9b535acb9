import { parseArgs } from "node:util";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { parseConfig } from "../../runtime/config.ts";
import { FUNCTION_NAMES } from "../../core/model/functions.ts";
import { cloudAccessOf } from "../../runtime/cloud-access.ts";
import { loadEnvironment } from "../../runtime/load-environment.ts";
import { drawSampleGarment } from "../../local/samples/draw-sample-garment.ts";
import { runChecks, type Check } from "./check-table.ts";
import { scfChecks } from "./scf-checks.ts";
import { system } from "../../runtime/system.ts";

const USAGE = `npm run test:scf -- [--json] [--free]     (or: node test-scf-integration.js)

Asks Tencent Cloud, with the keys and names of the environment (.env.local, .env.production with NODE_ENV=production),
whether the three functions are there, and calls each of them for real on a small drawn picture.
  --free   leaves out what costs money at a provider: the prompt and the picture
  --json   one JSON object instead of the table`;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      json: { type: "boolean", default: false },
      free: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  const config = parseConfig(loadEnvironment(process.env));
  const { scfEndpoint, cosEndpoint, ...place } = cloudAccessOf(config);
  const functions = createScfInvoker({
    ...place,
    ...(scfEndpoint === undefined ? {} : { endpoint: scfEndpoint }),
  });
  const objects = createCosObjectStore({
    ...system,
    ...place,
    ...(cosEndpoint === undefined ? {} : { endpoint: cosEndpoint }),
  });
  const photo = await drawSampleGarment("t-shirt", 0);
  const checks: readonly Check[] = scfChecks({
    functions,
    objects,
    photo,
    imageModel: config.IMAGE_MODEL,
    free: values.free,
  });
  return runChecks(`${FUNCTION_NAMES.length} functions in ${place.region}`, checks, values);
}

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(2);
  },
);
