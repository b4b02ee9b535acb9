import { imageGeneratorEventSchema } from "../../core/function-schemas/image-generator.ts";
import { defineFunction } from "../shared/define-function.ts";
import { once } from "../shared/environment.ts";
import { createObjectStore } from "../shared/object-store.ts";
import { createImageProvider } from "./create-image-provider.ts";
import { readImageGeneratorConfig } from "./config.ts";
import { runImageGenerator } from "./run-image-generator.ts";

const deps = once(() => {
  const { store, providers } = readImageGeneratorConfig(process.env);
  return { store: createObjectStore(store), providers: providers.map(createImageProvider) };
});

/** The platform's entry: `index.main_handler`. */
export const main_handler = defineFunction({
  callsProvider: true,
  eventSchema: imageGeneratorEventSchema,
  describe: (event) => ({ model: event.model, images: String(event.images.length) }),
  run: async (event, tools) => runImageGenerator(deps(), event, tools),
});
