import { z } from "zod";
import { baseUrlSchema } from "../call-provider.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { readStoreConfig, type StoreConfig } from "../object-store.ts";

export type ArkConfig = { readonly baseUrl: string; readonly apiKey: string };
export type ImageGeneratorConfig = { readonly store: StoreConfig; readonly ark: ArkConfig };

const environmentSchema = z.object({
  /** Everything before `/images/generations`. */
  ARK_BASE_URL: baseUrlSchema.default("https://ark.cn-beijing.volces.com/api/v3"),
  ARK_API_KEY: z.string(),
});

/** The function's whole configuration, read at its first call. */
export function readImageGeneratorConfig(environment: Environment): ImageGeneratorConfig {
  const values = readEnvironment(environmentSchema, environment, "PROVIDER_CREDENTIALS");
  return {
    store: readStoreConfig(environment),
    ark: { baseUrl: values.ARK_BASE_URL, apiKey: values.ARK_API_KEY },
  };
}
