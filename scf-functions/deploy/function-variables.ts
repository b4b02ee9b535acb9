import type { FunctionName } from "../../core/model/functions.ts";
import { readImageProcessorConfig } from "../ai-image-processor/config.ts";
import { FunctionError } from "../shared/function-error.ts";
import { imageGeneratorVariables, readImageGeneratorConfig } from "../image-generator/config.ts";
import { promptGeneratorVariables, readPromptGeneratorConfig } from "../prompt-generator/config.ts";
import type { VariableNames } from "../shared/provider-order.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

type Reading = {
  /** What the function reads beside the store's variables. */
  readonly names: (given: Variables) => VariableNames;
  /** As it does itself, at its first call. */
  readonly read: (variables: Variables) => unknown;
};

const READING: Readonly<Record<FunctionName, Reading>> = {
  "ai-image-processor": {
    names: () => ({ required: [], optional: ["IMAGE_SOURCE_ALLOW"] }),
    read: readImageProcessorConfig,
  },
  "prompt-generator": { names: promptGeneratorVariables, read: readPromptGeneratorConfig },
  "image-generator": { names: imageGeneratorVariables, read: readImageGeneratorConfig },
};

/** Compared, and never printed. */
const SECRET = /KEY|SECRET|TOKEN|PASSWORD/;
/** Keys and values together (583/11637). */
export const ENVIRONMENT_BYTES_MAX = 4 * 1024;

export function isSecretVariable(name: string): boolean {
  return SECRET.test(name);
}

/** The operator's variables that the functions need, those of the store aside. */
export function requiredVariables(name: FunctionName, given: Variables): readonly string[] {
  return READING[name].names(given).required;
}

/** What the function itself would say of its variables at its first call; null when it takes them. */
export function faultOfVariables(name: FunctionName, variables: Variables): string | null {
  try {
    READING[name].read({ ...ROLE_KEYS, ...variables });
    return null;
  } catch (error) {
    if (!(error instanceof FunctionError)) throw error;
    return `${name}: ${error.message}`;
  }
}

/** The platform's, which are there when the function runs with a role. */
const ROLE_KEYS = {
  TENCENTCLOUD_SECRETID: "role",
  TENCENTCLOUD_SECRETKEY: "role",
  TENCENTCLOUD_SESSIONTOKEN: "role",
};

/**
 * The variables that a function is given, from those of the operator. The platform refuses names that begin with
 * TENCENTCLOUD_, SCF_ or QCLOUD_ (583/14570): the store's keys and region go under names of their own. With a role
 * the platform gives temporary keys, and none are handed on.
 */
export function functionVariables(
  name: FunctionName,
  given: Variables,
  role: string | null,
): Readonly<Record<string, string>> {
  const { required, optional } = READING[name].names(given);
  const own = [...required, ...optional].map((key) => [key, given[key]] as const);
  const keys: (readonly [string, string | undefined])[] = [
    ["COS_SECRET_ID", given["TENCENTCLOUD_SECRET_ID"]],
    ["COS_SECRET_KEY", given["TENCENTCLOUD_SECRET_KEY"]],
  ];
  const all = [
    ["COS_BUCKET", given["COS_BUCKET"]] as const,
    ["COS_REGION", given["TENCENTCLOUD_REGION"]] as const,
    ["COS_ENDPOINT", given["COS_ENDPOINT"]] as const,
    ["MALLOC_ARENA_MAX", "2"] as const,
    ...(role === null ? keys : []),
    ...own,
  ];
  const set = all.filter((pair): pair is readonly [string, string] => Boolean(pair[1]));
  return Object.fromEntries(set.sort(([a], [b]) => (a < b ? -1 : 1)));
}

export function environmentBytes(variables: Readonly<Record<string, string>>): number {
  return new TextEncoder().encode(Object.entries(variables).flat().join("")).byteLength;
}
