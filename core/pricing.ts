import type { FullGenerationInput, Prices } from "./task.ts";

/** Credits; whole numbers. An operator's configuration may set others. */
export const DEFAULT_PRICES: Prices = { preprocess: 1, prompt: 1, image: 10 };

/** What a task may cost at most: the amount that is held when it is created. */
export function priceOf(input: FullGenerationInput, prices: Prices): number {
  return (
    input.clothingImages.length * prices.preprocess + prices.prompt + input.options.n * prices.image
  );
}
