import { z } from "zod";
import { baseUrlSchema } from "../shared/call-provider.ts";
import { type Environment, readEnvironment } from "../shared/environment.ts";
import { readStoreConfig, type StoreConfig } from "../shared/object-store.ts";
import {
  providerOrderSchema,
  providerVariableNames,
  readProviderVariables,
  type VariableNames,
} from "../shared/provider-order.ts";
import type { ChatConfig } from "./chat-provider.ts";

export type PromptGeneratorConfig = {
  readonly store: StoreConfig;
  /** In the order in which they are asked; at least one. */
  readonly providers: readonly ChatConfig[];
};

const DEFAULT_ORDER = "chat";
const environmentSchema = z.object({
  PROMPT_PROVIDERS: providerOrderSchema.prefault(DEFAULT_ORDER),
});

type Known = { readonly prefix: string; readonly baseUrl?: string; readonly model?: string };
const TOKENHUB = {
  baseUrl: "https://tokenhub.tencentmaas.com/v1",
  model: "hy-vision-2.0-instruct",
};

/**
 * What needs no saying of the endpoints that are known. Any other name will do: `acme` is the OpenAI-shaped endpoint
 * of `ACME_BASE_URL`, `ACME_API_KEY` and `ACME_MODEL`.
 */
const KNOWN: Readonly<Record<string, Known>> = {
  // The one provider of a configuration that names no order.
  chat: { prefix: "PROMPT", ...TOKENHUB },
  tokenhub: { prefix: "TOKENHUB", ...TOKENHUB },
  // The same account as the pictures'.
  ark: {
    prefix: "ARK",
    baseUrl: "https://ark.cn-beijing.volces.com/api/v3",
    model: "doubao-seed-2-0-lite-260428",
  },
  openai: { prefix: "OPENAI", baseUrl: "https://api.openai.com/v1" },
};

/** The function's whole configuration, read at its first call. */
export function readPromptGeneratorConfig(environment: Environment): PromptGeneratorConfig {
  const { PROMPT_PROVIDERS } = readEnvironment(
    environmentSchema,
    environment,
    "PROVIDER_CREDENTIALS",
  );
  const providers = PROMPT_PROVIDERS.map((name) => chatConfigOf(name, environment));
  return { store: readStoreConfig(environment), providers };
}

/** What an operator sets for this function, beside the store's variables. */
export function promptGeneratorVariables(environment: Environment): VariableNames {
  const order = environment["PROMPT_PROVIDERS"] || DEFAULT_ORDER;
  return providerVariableNames("PROMPT_PROVIDERS", order, variablesOf);
}

function chatConfigOf(name: string, environment: Environment): ChatConfig {
  const { prefix, shape } = variablesOf(name);
  const values = readProviderVariables(prefix, shape, environment);
  return {
    name,
    baseUrl: values.BASE_URL,
    apiKey: values.API_KEY,
    keyName: `${prefix}_API_KEY`,
    model: values.MODEL,
  };
}

function variablesOf(name: string) {
  const known = (Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined) ?? {
    prefix: name.toUpperCase(),
  };
  const shape = {
    /** Everything before `/chat/completions`. */
    BASE_URL: withDefault(baseUrlSchema, known.baseUrl),
    API_KEY: z.string(),
    MODEL: withDefault(z.string().max(100), known.model),
  };
  return { prefix: known.prefix, shape };
}

function withDefault(schema: z.ZodType<string, string>, value: string | undefined) {
  return value === undefined ? schema : schema.prefault(value);
}
