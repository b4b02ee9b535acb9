import { PLACEHOLDER } from "./config/config-key.ts";
import type { Environment } from "./config/parse-config.ts";

const PREFIXES = ["PROMPT", "TOKENHUB", "ARK", "OPENAI"] as const;
const ORDERS = ["PROMPT_PROVIDERS", "IMAGE_PROVIDERS"] as const;
const FIELDS = ["API_KEY", "BASE_URL", "MODEL", "IMAGE_MODEL", "STREAM"] as const;

/**
 * What the functions of an emulated cloud are given so that they call the real providers: the variables of each
 * provider whose key is set. A provider without a key stays the emulated one.
 */
export function providerVariablesOf(environment: Environment): Readonly<Record<string, string>> {
  const valueOf = (name: string) => {
    const value = environment[name] ?? "";
    return PLACEHOLDER.test(value) ? "" : value;
  };
  const orders = ORDERS.map((name) => [name, valueOf(name)] as const).filter(
    ([, order]) => order !== "",
  );
  const prefixes = new Set<string>(PREFIXES);
  for (const [, order] of orders) {
    for (const name of order.split(",")) prefixes.add(name.trim().toUpperCase());
  }
  const real = [...prefixes].filter((prefix) => valueOf(`${prefix}_API_KEY`) !== "");
  return Object.fromEntries([
    ...orders,
    // What is not set is given as nothing, so that the function's own default holds and not the emulator's address.
    ...real.flatMap((prefix) =>
      FIELDS.map((field) => [`${prefix}_${field}`, valueOf(`${prefix}_${field}`)] as const),
    ),
  ]);
}
