import { createArkProvider } from "./ark-provider.ts";
import type { ImageProviderConfig } from "./config.ts";
import type { ImageProvider } from "./image-provider.ts";
import { createOpenAiProvider } from "./openai-provider.ts";

/** The provider of a configuration: the one place that knows all of them. */
export function createImageProvider(config: ImageProviderConfig): ImageProvider {
  switch (config.name) {
    case "ark":
      return createArkProvider(config);
    case "openai":
      return createOpenAiProvider(config);
    default:
      return config satisfies never;
  }
}
