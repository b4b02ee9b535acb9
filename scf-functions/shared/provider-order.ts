import { z } from "zod";
import { type Environment, readEnvironment } from "./environment.ts";

/** A provider's name in an order: letters and digits, since it is also the beginning of its variables. */
const NAME = /^[a-z][a-z0-9]{0,29}$/;
const PROVIDERS_MAX = 5;

/** A variable such as "ark,openai": names, the first one first, each once. */
export const providerOrderSchema = z
  .string()
  .transform((text) => text.split(",").map((name) => name.trim().toLowerCase()))
  .refine((names) => names.every((name) => NAME.test(name)), "names between commas: ark,openai")
  .refine((names) => new Set(names).size === names.length, "each name once")
  .refine((names) => names.length <= PROVIDERS_MAX, `at most ${PROVIDERS_MAX} names`);

/** Variables of one provider: `shape` has their names without the prefix, as `API_KEY` of `ARK_API_KEY`. */
export type ProviderVariables = { readonly prefix: string; readonly shape: z.ZodRawShape };

/** Names of variables, for who gives them to a function. */
export type VariableNames = {
  /** Have no default. */
  readonly required: readonly string[];
  readonly optional: readonly string[];
};

/**
 * What a function reads of the providers that its order names. An order that cannot be read names nobody: the
 * function's own reader says what is wrong with it.
 */
export function providerVariableNames(
  orderName: string,
  order: string,
  variablesOf: (provider: string) => ProviderVariables | undefined,
): VariableNames {
  const names = providerOrderSchema.safeParse(order).data ?? [];
  const read = names.flatMap((name) => {
    const { prefix, shape } = variablesOf(name) ?? { prefix: "", shape: {} };
    return Object.entries(shape).map(([short, schema]) => ({
      name: `${prefix}_${short}`,
      isRequired: !z.safeParse(schema, undefined).success,
    }));
  });
  const named = (isRequired: boolean) =>
    read.filter((one) => one.isRequired === isRequired).map(({ name }) => name);
  return { required: named(true), optional: [orderName, ...named(false)] };
}

export function readProviderVariables<S extends z.ZodRawShape>(
  prefix: string,
  shape: S,
  environment: Environment,
): z.output<z.ZodObject<S>> {
  const named = Object.fromEntries(
    Object.entries(shape).map(([name, schema]) => [`${prefix}_${name}`, schema]),
  );
  const values = readEnvironment(z.object(named), environment, "PROVIDER_CREDENTIALS");
  const short = Object.entries(values).map(([name, value]) => [
    name.slice(prefix.length + 1),
    value,
  ]);
  return Object.fromEntries(short) as z.output<z.ZodObject<S>>; // parsed by these schemas, under their short names
}
