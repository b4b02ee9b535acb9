import { z } from "zod";
import { baseUrlSchema } from "../call-provider.ts";
import { type Environment, readEnvironment } from "../environment.ts";
import { readStoreConfig, type StoreConfig } from "../object-store.ts";

export type ChatConfig = {
  readonly baseUrl: string;
  readonly apiKey: string;
  readonly model: string;
};
export type PromptGeneratorConfig = { readonly store: StoreConfig; readonly chat: ChatConfig };

const environmentSchema = z.object({
  /** Everything before `/chat/completions`. */
  PROMPT_BASE_URL: baseUrlSchema.default("https://tokenhub.tencentmaas.com/v1"),
  PROMPT_API_KEY: z.string(),
  PROMPT_MODEL: z.string().default("hy-vision-2.0-instruct"),
});

/** The function's whole configuration, read at its first call. */
export function readPromptGeneratorConfig(environment: Environment): PromptGeneratorConfig {
  const values = readEnvironment(environmentSchema, environment, "PROVIDER_CREDENTIALS");
  return {
    store: readStoreConfig(environment),
    chat: {
      baseUrl: values.PROMPT_BASE_URL,
      apiKey: values.PROMPT_API_KEY,
      model: values.PROMPT_MODEL,
    },
  };
}
