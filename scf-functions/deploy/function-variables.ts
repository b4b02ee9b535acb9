import type { FunctionName } from "../../core/functions.ts";
import { variablePrefixOf } from "../prompt-generator/config.ts";
import { providerOrderSchema } from "../provider-order.ts";

export type Variables = Readonly<Record<string, string | undefined>>;

type Rules = {
  /** Must be set by the operator. */
  readonly required: readonly string[];
  /** Handed on when set. */
  readonly optional: readonly string[];
};

/** What a function reads beside the store's variables (its `config.ts`); which providers are asked decides. */
function rulesOf(name: FunctionName, given: Variables): Rules {
  switch (name) {
    case "ai-image-processor":
      return { required: [], optional: ["IMAGE_SOURCE_ALLOW"] };
    case "prompt-generator": {
      const prefixes = orderOf(given["PROMPT_PROVIDERS"], "chat").map(variablePrefixOf);
      const optional = prefixes.flatMap((prefix) => [`${prefix}_BASE_URL`, `${prefix}_MODEL`]);
      return {
        required: prefixes.map((prefix) => `${prefix}_API_KEY`),
        optional: ["PROMPT_PROVIDERS", ...optional],
      };
    }
    case "image-generator": {
      const prefixes = orderOf(given["IMAGE_PROVIDERS"], "ark").map((one) => one.toUpperCase());
      const optional = prefixes.flatMap((prefix) =>
        ["BASE_URL", "STREAM", "IMAGE_MODEL"].map((word) => `${prefix}_${word}`),
      );
      return {
        required: prefixes.map((prefix) => `${prefix}_API_KEY`),
        optional: ["IMAGE_PROVIDERS", ...optional],
      };
    }
    default:
      return name satisfies never;
  }
}

/** An order that cannot be read is the function's own reader's to tell. */
function orderOf(text: string | undefined, byDefault: string): readonly string[] {
  return providerOrderSchema.safeParse(text ?? byDefault).data ?? [];
}

/** Compared, and never printed. */
const SECRET = /KEY|SECRET|TOKEN|PASSWORD/;
/** Keys and values together (583/11637). */
export const ENVIRONMENT_BYTES_MAX = 4 * 1024;

export function isSecretVariable(name: string): boolean {
  return SECRET.test(name);
}

/** The operator's variables that the functions need, those of the store aside. */
export function requiredVariables(name: FunctionName, given: Variables): readonly string[] {
  return rulesOf(name, given).required;
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
  const { required, optional } = rulesOf(name, given);
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
