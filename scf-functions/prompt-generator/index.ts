import { promptGeneratorEventSchema } from "../../core/function-schemas/prompt-generator.ts";
import { defineFunction } from "../shared/define-function.ts";
import { once } from "../shared/environment.ts";
import { createObjectStore } from "../shared/object-store.ts";
import { createChatProvider } from "./chat-provider.ts";
import { readPromptGeneratorConfig } from "./config.ts";
import { runPromptGenerator } from "./run-prompt-generator.ts";

const deps = once(() => {
  const { store, providers } = readPromptGeneratorConfig(process.env);
  return { store: createObjectStore(store), providers: providers.map(createChatProvider) };
});

/** The platform's entry: `index.main_handler`. */
export const main_handler = defineFunction({
  callsProvider: true,
  eventSchema: promptGeneratorEventSchema,
  describe: (event) => ({ to: event.to }),
  run: async (event, tools) => runPromptGenerator(deps(), event, tools),
});
