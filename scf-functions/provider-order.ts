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

/** Variables of one provider: `schema` has their names without the prefix, as `API_KEY` of `ARK_API_KEY`. */
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
