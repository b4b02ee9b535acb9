import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createScfDeployment } from "../cloud/scf-deployment.ts";
import { FUNCTION_NAMES, type FunctionName } from "../core/model/functions.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { loadEnvironment } from "../runtime/load-environment.ts";
import { buildFunctions } from "../scf-functions/deploy/build-functions.ts";
import { deployFunctions } from "../scf-functions/deploy/deploy-functions.ts";
import {
  readDeploySettings,
  type DeploySettings,
} from "../scf-functions/deploy/deploy-settings.ts";
import { imageLibraryParts } from "../scf-functions/deploy/image-library.ts";
import { packFunction } from "../scf-functions/deploy/pack-function.ts";
import { createProgress, type ProgressReport } from "../scf-functions/deploy/report-progress.ts";
import { WAIT_LIMITS } from "../scf-functions/deploy/wait-until-active.ts";
import { system } from "../runtime/system.ts";

const USAGE = `npm run deploy:scf -- [--plan] [--function NAME]... [--image-library native|wasm] [--json]

Builds the three functions and brings SCF to them: code by way of COS, configuration, a version that is tried out, and
the alias SCF_QUALIFIER (live). Reads .env.production; what the command is started with wins. A second run changes nothing.
  --plan            tells what would change and changes nothing
  --function NAME   only this one; may be repeated
  --image-library   sharp's native binaries (glibc 2.28 or later), or its WebAssembly build
  --json            one JSON object at the end instead of lines`;

const PROJECT = fileURLToPath(new URL("..", import.meta.url));
/** A package goes up over whatever line the operator has. */
const UPLOAD_LIMIT_MS = 600_000;

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      plan: { type: "boolean", default: false },
      function: { type: "string", multiple: true, default: [] },
      "image-library": { type: "string" },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return 0;
  }
  // The bundler writes paths seen from here into the code: elsewhere the same sources would have another hash.
  process.chdir(PROJECT);
  const names = chosen(values.function);
  const library = values["image-library"];
  const loaded = loadEnvironment("deploy:scf", {
    ...process.env,
    ...(library === undefined ? {} : { SCF_IMAGE_LIBRARY: library }),
  });
  const file = loaded.file ?? "none, the process's environment alone";
  const note = loaded.note === null ? "" : `  note=${loaded.note}`;
  process.stderr.write(`📊 configuration  file=${file}${note}\n`);
  const settings = readDeploySettings(loaded.variables, names);
  const write = (line: string): void => void process.stdout.write(`${line}\n`);
  const progress = createProgress(values.json ? () => {} : write, () => performance.now());
  const report = await deploy(settings, names, { progress, planOnly: values.plan, write });
  if (values.json) write(JSON.stringify({ ...report, steps: progress.steps }, null, 2));
  return report.error === null ? 0 : 1;
}

type Run = {
  readonly progress: ProgressReport;
  readonly planOnly: boolean;
  readonly write: (line: string) => void;
};

async function deploy(settings: DeploySettings, names: readonly FunctionName[], run: Run) {
  const { progress, planOnly } = run;
  const { region, namespace, alias, scfEndpoint, cosEndpoint, ...account } = settings;
  const at = (endpoint: string | undefined) => (endpoint === undefined ? {} : { endpoint });
  const target = { ...account, region, namespace, deadlineMs: UPLOAD_LIMIT_MS };
  const deps = {
    platform: createScfDeployment({ ...target, ...at(scfEndpoint) }),
    objects: createCosObjectStore({ ...system, ...target, ...at(cosEndpoint) }),
    clock: systemClock,
    limits: WAIT_LIMITS,
    progress,
  };
  progress.start(`${names.join(", ")} to ${region}, namespace ${namespace}, alias ${alias}`);
  try {
    const packed = await pack(names, settings, progress);
    const id = randomUUID();
    const outcome = await deployFunctions(deps, { settings, packed, planOnly, id });
    progress.info(summary(outcome.plans, planOnly));
    return { ...outcome, error: null };
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    progress.failure(text);
    return { plans: [], moved: {}, error: text };
  }
}

async function pack(
  names: readonly FunctionName[],
  { imageLibrary }: DeploySettings,
  progress: ProgressReport,
) {
  const folder = await mkdtemp(join(tmpdir(), "drape-deploy-"));
  try {
    const beside = await imageLibraryParts(imageLibrary, join(PROJECT, "node_modules"));
    const needs = beside.glibc === null ? "any C library" : `glibc ${beside.glibc}`;
    progress.info(`image library: ${imageLibrary}, for ${needs}`);
    await progress.step("build", () => buildFunctions(folder));
    const packed = [];
    for (const name of names) {
      const bundle = { name, folder: join(folder, name) };
      const made = await progress.step(`${name}: pack`, () => packFunction(bundle, beside.files));
      const [zip, code] = [made.zip.byteLength, made.codeBytes].map(megabytes);
      progress.info(`${name}: ${code} MB, zipped ${zip} MB, ${made.sha256.slice(0, 12)}`);
      packed.push({ ...made, name });
    }
    return packed;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function chosen(named: readonly string[]): readonly FunctionName[] {
  const unknown = named.find((name) => !FUNCTION_NAMES.some((known) => known === name));
  if (unknown !== undefined) {
    throw new Error(`--function ${unknown}: there are ${FUNCTION_NAMES.join(", ")}`);
  }
  return named.length === 0
    ? FUNCTION_NAMES
    : FUNCTION_NAMES.filter((name) => named.includes(name));
}

function summary(
  plans: readonly { readonly steps: readonly unknown[] }[],
  planOnly: boolean,
): string {
  const changed = plans.filter(({ steps }) => steps.length > 0).length;
  if (changed === 0) return "nothing to change";
  return planOnly
    ? `${changed} of ${plans.length} functions would change; nothing was changed`
    : `${changed} of ${plans.length} functions changed`;
}

const megabytes = (bytes: number): string => (bytes / 1024 / 1024).toFixed(1);

main().then(
  (code) => process.exit(code),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
