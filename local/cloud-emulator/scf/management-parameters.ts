import { z } from "zod";
import { ENVIRONMENT_BYTES_MAX, RESERVED_VARIABLES } from "./scf-limits.ts";
import type { ApiError } from "./tc3-signature.ts";

/** Parameters as the SDK's descriptions of its fields (`scf_models.d.ts`) and 583/11637 bound them. */
const functionName = z.string().regex(/^[a-zA-Z](?:[\w-]{0,58})[a-zA-Z0-9]$/);
const namespace = z.string().default("default");
const description = z
  .string()
  .max(1000)
  .regex(/^[\w ,.\n\u4e00-\u9fff]*$/);
const handler = z.string().regex(/^[a-zA-Z][\w-]*[a-zA-Z0-9]\.[a-zA-Z][\w-]*[a-zA-Z0-9]$/);
const memory = z
  .number()
  .int()
  .refine((mb) => mb === 64 || (mb >= 128 && mb <= 3072 && mb % 128 === 0));
const timeout = z.number().int().min(1).max(900);
const variableKey = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{1,63}$/);
const environment = z
  .strictObject({
    Variables: z.array(z.strictObject({ Key: variableKey, Value: z.string().min(1) })),
  })
  .transform(({ Variables }) => Object.fromEntries(Variables.map(({ Key, Value }) => [Key, Value])))
  .refine((variables) => !Object.keys(variables).some((key) => RESERVED_VARIABLES.test(key)), {
    message: "EnvironmentSystemProtect",
  })
  .refine((variables) => bytesOf(variables) <= ENVIRONMENT_BYTES_MAX, {
    message: "EnvironmentExceededLimit",
  });
/** Node's, from the d.ts and 583/9210. */
const runtime = z.enum([
  "Nodejs6.10",
  "Nodejs8.9",
  "Nodejs10.15",
  "Nodejs12.16",
  "Nodejs14.18",
  "Nodejs16.13",
  "Nodejs18.15",
  "Nodejs20.19",
]);
const codeLocation = {
  CosBucketName: z.string().min(1),
  CosObjectName: z.string().startsWith("/"),
  CosBucketRegion: z.string().optional(),
};
const alias = z.string().regex(/^[a-zA-Z][\w-]{0,63}$/);
const versionNumber = z.string().regex(/^(\$LATEST|\d{1,9})$/);
const named = { FunctionName: functionName, Namespace: namespace };
const configuration = {
  Description: description.optional(),
  MemorySize: memory.optional(),
  Timeout: timeout.optional(),
  Environment: environment.optional(),
  Role: z.string().optional(),
};

export const createSchema = z.strictObject({
  ...named,
  ...configuration,
  Code: z.strictObject(codeLocation),
  Handler: handler.default("index.main_handler"),
  Runtime: runtime,
  Type: z.literal("Event").default("Event"),
  CodeSource: z.literal("Cos").optional(),
});
export const updateCodeSchema = z.strictObject({
  ...named,
  ...codeLocation,
  Handler: handler.optional(),
  Publish: z.literal("FALSE").optional(),
  CodeSource: z.literal("Cos").optional(),
});
export const updateConfigurationSchema = z.strictObject({
  ...named,
  ...configuration,
  // "Given at the creation; cannot be changed."
  Runtime: z.never().optional(),
  Publish: z.literal("FALSE").optional(),
});
export const publishSchema = z.strictObject({ ...named, Description: description.optional() });
export const aliasSchema = z.strictObject({ ...named, Name: alias });
export const putAliasSchema = z.strictObject({
  ...named,
  Name: alias,
  FunctionVersion: versionNumber,
  Description: description.optional(),
});
export const versionsSchema = z.strictObject({
  ...named,
  Offset: z.number().int().min(0).default(0),
  Limit: z.number().int().min(1).max(100).default(20),
  Order: z.enum(["ASC", "DESC"]).default("DESC"),
  OrderBy: z.enum(["AddTime", "ModTime"]).default("AddTime"),
});
export const getSchema = z.object({
  ...named,
  Qualifier: z.string().default("$LATEST"),
  ShowCode: z.enum(["TRUE", "FALSE"]).optional(),
});
export const namedSchema = z.object({ ...named, Qualifier: z.string().optional() });
export const reserveSchema = z.strictObject({
  ...named,
  ReservedConcurrencyMem: z.number().int().min(0).multipleOf(128),
});
export const listSchema = z.object({
  Namespace: namespace,
  SearchKey: z.string().default(""),
  Limit: z.number().int().min(1).max(100).default(20),
  Offset: z.number().int().min(0).default(0),
});

/** Why a function could not have been created with this configuration, in the action's own words; null when it could. */
export function configurationFault(given: {
  readonly name: string;
  readonly memoryMb: number;
  readonly environment: Readonly<Record<string, string>>;
}): string | null {
  const variables = Object.entries(given.environment);
  const input = {
    FunctionName: given.name,
    MemorySize: given.memoryMb,
    Environment: { Variables: variables.map(([Key, Value]) => ({ Key, Value })) },
  };
  const { error } = z.strictObject({ ...named, ...configuration }).safeParse(input);
  if (error === undefined) return null;
  const { code, message } = parameterError(error, input);
  return `${code}: ${message}`;
}

/** The documented code of the first parameter that is wrong. */
export function parameterError(error: z.ZodError, input: unknown): ApiError {
  const [issue] = error.issues;
  const path = (issue?.path ?? []).map(String);
  const [field = ""] = path;
  const missing = typeof input !== "object" || input === null || !(field in input);
  if (field === "Environment" && issue?.code === "custom") {
    return refusal(`InvalidParameterValue.${issue.message}`, path);
  }
  if (issue?.code === "unrecognized_keys") return refusal("UnknownParameter", issue.keys);
  if (missing && field === "Code") return refusal("MissingParameter.Code", path);
  if (missing && field === "Runtime") return refusal("MissingParameter.Runtime", path);
  if (missing) return refusal("MissingParameter", path);
  if (field === "Timeout" && issue?.code === "too_big")
    return refusal("LimitExceeded.Timeout", path);
  return refusal(`InvalidParameterValue.${path.at(-1)?.match(/^Cos/) ? path.at(-1) : field}`, path);
}

function refusal(code: string, path: readonly string[]): ApiError {
  return { code, message: `The parameter ${path.join(".")} is missing or not allowed.` };
}

function bytesOf(variables: Readonly<Record<string, string>>): number {
  return Buffer.byteLength(Object.entries(variables).flat().join(""));
}
