import { z } from "zod";
import { baseUrlSchema } from "../shared/call-provider.ts";
import { type Environment, readEnvironment } from "../shared/environment.ts";
import { FunctionError } from "../shared/function-error.ts";
import { readStoreConfig, type StoreConfig } from "../shared/object-store.ts";
import {
  providerOrderSchema,
  type ProviderVariables,
  providerVariableNames,
  readProviderVariables,
  type VariableNames,
} from "../shared/provider-order.ts";
import type { ArkConfig } from "./ark-provider.ts";
import type { OpenAiConfig } from "./openai-provider.ts";

export type ImageProviderConfig =
  | ({ readonly name: "ark" } & ArkConfig)
  | ({ readonly name: "openai" } & OpenAiConfig);

export type ImageGeneratorConfig = {
  readonly store: StoreConfig;
  /** In the order in which they are asked; at least one. */
  readonly providers: readonly ImageProviderConfig[];
};

const DEFAULT_ORDER = "ark";
const environmentSchema = z.object({
  IMAGE_PROVIDERS: providerOrderSchema.prefault(DEFAULT_ORDER),
});

const arkShape = {
  /** Everything before `/images/generations`. */
  BASE_URL: baseUrlSchema.default("https://ark.cn-beijing.volces.com/api/v3"),
  API_KEY: z.string(),
  STREAM: z.enum(["true", "false"]).default("false"),
};
const openAiShape = {
  /** Everything before `/images/generations` and `/images/edits`. */
  BASE_URL: baseUrlSchema.default("https://api.openai.com/v1"),
  API_KEY: z.string(),
  /** Kept with each picture, in a header. */
  IMAGE_MODEL: z
    .string()
    .regex(/^[\w.:/-]{1,100}$/, "a model's name")
    .default("gpt-image-1.5"),
};

const VARIABLES: Readonly<Record<ImageProviderConfig["name"], ProviderVariables>> = {
  ark: { prefix: "ARK", shape: arkShape },
  openai: { prefix: "OPENAI", shape: openAiShape },
};

const READERS: Readonly<Record<string, (environment: Environment) => ImageProviderConfig>> = {
  ark(environment) {
    const values = readProviderVariables("ARK", arkShape, environment);
    const { BASE_URL: baseUrl, API_KEY: apiKey } = values;
    return { name: "ark", baseUrl, apiKey, streams: values.STREAM === "true" };
  },
  openai(environment) {
    const values = readProviderVariables("OPENAI", openAiShape, environment);
    const { BASE_URL: baseUrl, API_KEY: apiKey, IMAGE_MODEL: model } = values;
    return { name: "openai", baseUrl, apiKey, model };
  },
};

/** The function's whole configuration, read at its first call. */
export function readImageGeneratorConfig(environment: Environment): ImageGeneratorConfig {
  const { IMAGE_PROVIDERS } = readEnvironment(
    environmentSchema,
    environment,
    "PROVIDER_CREDENTIALS",
  );
  const providers = IMAGE_PROVIDERS.map((name) => {
    const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined;
    if (read !== undefined) return read(environment);
    const known = Object.keys(READERS).join(", ");
    const message = `The function is not configured: IMAGE_PROVIDERS names ${name}; known are ${known}.`;
    throw new FunctionError("PROVIDER_CREDENTIALS", message);
  });
  return { store: readStoreConfig(environment), providers };
}

/** What an operator sets for this function, beside the store's variables. */
export function imageGeneratorVariables(environment: Environment): VariableNames {
  const order = environment["IMAGE_PROVIDERS"] || DEFAULT_ORDER;
  const variables = new Map(Object.entries(VARIABLES));
  return providerVariableNames("IMAGE_PROVIDERS", order, (name) => variables.get(name));
}
