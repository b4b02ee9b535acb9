import { imageProcessorEventSchema } from "../../core/function-schemas/image-processor.ts";
import { defineFunction } from "../shared/define-function.ts";
import { once } from "../shared/environment.ts";
import { createObjectStore } from "../shared/object-store.ts";
import { readImageProcessorConfig } from "./config.ts";
import { runImageProcessor } from "./run-image-processor.ts";
import { systemResolveAll } from "../../net/source-address.ts";

const deps = once(() => {
  const config = readImageProcessorConfig(process.env);
  return {
    store: createObjectStore(config.store),
    rules: {
      allowedOrigins: config.allowedOrigins,
      resolveAll: systemResolveAll,
      httpsPort: 443,
    },
  };
});

/** The platform's entry: `index.main_handler`. */
export const main_handler = defineFunction({
  callsProvider: false,
  eventSchema: imageProcessorEventSchema,
  describe: (event) => {
    const { action } = event;
    if (action === "import") return { action, toPrefix: event.toPrefix };
    if (action === "process") return { action, images: String(event.images.length) };
    return { action, to: event.to };
  },
  run: async (event, tools) => runImageProcessor(deps(), event, tools),
});
