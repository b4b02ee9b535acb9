import type { FunctionName } from "../../core/functions.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

type Rules = {
  /** Must be set by the operator. */
  readonly required: readonly string[];
  /** Handed on when set. */
  readonly optional: readonly string[];
};

/** What each function reads beside the store's variables (its `config.ts`). */
const OWN: Readonly<Record<FunctionName, Rules>> = {
  "ai-image-processor": { required: [], optional: ["IMAGE_SOURCE_ALLOW"] },
  "prompt-generator": {
    required: ["PROMPT_API_KEY"],
    optional: ["PROMPT_BASE_URL", "PROMPT_MODEL"],
  },
  "image-generator": { required: ["ARK_API_KEY"], optional: ["ARK_BASE_URL"] },
};

/** Compared, and never printed. */
const SECRET = /KEY|SECRET|TOKEN|PASSWORD/;
/** Keys and values together (583/11637). */
export const ENVIRONMENT_BYTES_MAX = 4 * 1024;

export function isSecretVariable(name: string): boolean {
  return SECRET.test(name);
}

/** The operator's variables that the functions need, those of the store aside. */
export function requiredVariables(name: FunctionName): readonly string[] {
  return OWN[name].required;
}

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
  const { required, optional } = OWN[name];
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
