import { z } from "zod";
import {
  eachFunction,
  FUNCTIONS,
  FUNCTION_NAMES,
  type FunctionName,
} from "../../core/model/functions.ts";
import type { FunctionSettings } from "../../core/ports/function-platform.ts";
import {
  ENVIRONMENT_BYTES_MAX,
  environmentBytes,
  faultOfVariables,
  functionVariables,
  requiredVariables,
  type Variables,
} from "./function-variables.ts";
import { IMAGE_LIBRARIES, type ImageLibrary } from "./image-library.ts";

export type DeploySettings = {
  /** Who deploys. */
  readonly secretId: string;
  readonly secretKey: string;
  readonly region: string;
  readonly bucket: string;
  readonly namespace: string;
  readonly alias: string;
  readonly scfEndpoint?: string;
  readonly cosEndpoint?: string;
  readonly imageLibrary: ImageLibrary;
  readonly functions: Readonly<Record<FunctionName, WantedFunction>>;
};

/** All but the description, which the code's hash goes into. */
type WantedFunction = {
  readonly settings: Omit<FunctionSettings, "description">;
  /** Null: what is reserved stays as it is. */
  readonly reservedMemoryMb: number | null;
};

/** What a copy of `.env.production` holds where nothing was set yet. */
const PLACEHOLDER = /__SET_ME__/;
const RUNTIME = "Nodejs20.19";
const HANDLER = "index.main_handler";
const hostPort = z.string().regex(/^[\w.-]+:\d{1,5}$/);

const variablesSchema = z.object({
  NODE_ENV: z.string().default("production"),
  TENCENTCLOUD_SECRET_ID: z.string(),
  TENCENTCLOUD_SECRET_KEY: z.string(),
  DEPLOY_SECRET_ID: z.string().optional(),
  DEPLOY_SECRET_KEY: z.string().optional(),
  TENCENTCLOUD_REGION: z.string().default("ap-guangzhou"),
  COS_BUCKET: z.string().regex(/^[a-z0-9-]+-\d+$/, 'needs its APPID: "name-1250000000"'),
  SCF_NAMESPACE: z.string().default("default"),
  SCF_QUALIFIER: z
    .string()
    .regex(/^[a-zA-Z][\w-]{0,63}$/, "must be an alias, which a deployment can move: live")
    .default("live"),
  SCF_ROLE: z.string().optional(),
  SCF_RESERVE_MEMORY: z.enum(["true", "false"]).default("false"),
  SCF_IMAGE_LIBRARY: z.enum(IMAGE_LIBRARIES).default("native"),
  SCF_ENDPOINT: hostPort.optional(),
  COS_ENDPOINT: hostPort.optional(),
  IMAGE_SOURCE_ALLOW: z.string().optional(),
  ALLOW_STAND_INS: z.string().optional(),
});
type DeployVariables = z.output<typeof variablesSchema>;

/**
 * Reads the operator's environment for the functions that are to be deployed; reports all faults at once, values never.
 */
export function readDeploySettings(
  environment: Variables,
  names: readonly FunctionName[] = FUNCTION_NAMES,
): DeploySettings {
  const set = Object.entries(environment).filter(
    ([, value]) => value !== undefined && value !== "",
  );
  const given: Variables = Object.fromEntries(
    set.filter(([, value]) => !PLACEHOLDER.test(value ?? "")),
  );
  const parsed = variablesSchema.safeParse(given);
  const faults = [
    ...(parsed.error?.issues ?? []).map(({ path, message }) => {
      const name = path.map(String).join(".");
      return given[name] === undefined ? notSet(name) : `${name}: ${message}`;
    }),
    ...new Set(
      names
        .flatMap((name) => requiredVariables(name, given))
        .filter((name) => !given[name])
        .map(notSet),
    ),
    ...productionFaults(parsed.data),
  ];
  if (!parsed.success || faults.length > 0) throw settingsError(faults);

  const { data } = parsed;
  const withDefaults = { ...given, TENCENTCLOUD_REGION: data.TENCENTCLOUD_REGION };
  const functions = eachFunction((name) => wantedFunction(name, withDefaults, data));
  const refused = names.flatMap(
    (name) => faultOfVariables(name, functions[name].settings.environment) ?? [],
  );
  if (refused.length > 0) throw settingsError(refused);
  const tooLarge = names.filter(
    (name) => environmentBytes(functions[name].settings.environment) > ENVIRONMENT_BYTES_MAX,
  );
  if (tooLarge.length > 0) {
    throw settingsError(tooLarge.map((name) => `${name}: its variables have more than 4 KB`));
  }
  return {
    secretId: data.DEPLOY_SECRET_ID ?? data.TENCENTCLOUD_SECRET_ID,
    secretKey: data.DEPLOY_SECRET_KEY ?? data.TENCENTCLOUD_SECRET_KEY,
    region: data.TENCENTCLOUD_REGION,
    bucket: data.COS_BUCKET,
    namespace: data.SCF_NAMESPACE,
    alias: data.SCF_QUALIFIER,
    ...(data.SCF_ENDPOINT === undefined ? {} : { scfEndpoint: data.SCF_ENDPOINT }),
    ...(data.COS_ENDPOINT === undefined ? {} : { cosEndpoint: data.COS_ENDPOINT }),
    imageLibrary: data.SCF_IMAGE_LIBRARY,
    functions,
  };
}

function wantedFunction(
  name: FunctionName,
  given: Variables,
  data: DeployVariables,
): WantedFunction {
  const { memoryMb, timeoutMs, permitsMax } = FUNCTIONS[name];
  const role = data.SCF_ROLE ?? null;
  return {
    settings: {
      runtime: RUNTIME,
      handler: HANDLER,
      memoryMb,
      timeoutSeconds: timeoutMs / 1000,
      environment: functionVariables(name, given, role),
      role,
    },
    // Room for as many instances as all our processes together call at a time.
    reservedMemoryMb: data.SCF_RESERVE_MEMORY === "true" ? memoryMb * permitsMax : null,
  };
}

/** What `runtime/config.ts` refuses in production, a deployment does as well. */
function productionFaults(data: DeployVariables | undefined): string[] {
  if (data?.NODE_ENV !== "production" || data.ALLOW_STAND_INS === "true") return [];
  const forDevelopment = ["SCF_ENDPOINT", "COS_ENDPOINT", "IMAGE_SOURCE_ALLOW"] as const;
  return forDevelopment
    .filter((name) => data[name] !== undefined)
    .map((name) => `${name}: leave it out in production (ALLOW_STAND_INS=true allows it)`);
}

function notSet(name: string): string {
  return `${name}: not set: write it into .env.production, or start the command with it`;
}

function settingsError(faults: readonly string[]): Error {
  return new Error(`The deployment has ${faults.length} fault(s):\n  ${faults.join("\n  ")}`);
}
