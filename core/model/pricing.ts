import { plannedCounts } from "./step-plan.ts";
import type { Prices, TaskRequest } from "./task.ts";

/** Credits; whole numbers. An operator's configuration may set others. */
export const DEFAULT_PRICES: Prices = { preprocess: 1, prompt: 1, image: 10 };

/** One line of a price: so many results of one kind. */
export type Charge = {
  readonly what: keyof Prices;
  readonly count: number;
  readonly creditsEach: number;
  readonly credits: number;
};

/** What a task may cost at most, line by line. Import and post-process are free. */
export function chargesOf(request: TaskRequest, prices: Prices): Charge[] {
  const { preprocess, prompt, generate } = plannedCounts(request);
  const counts = { preprocess, prompt, image: generate };
  return (["preprocess", "prompt", "image"] as const)
    .filter((what) => counts[what] > 0)
    .map((what) => {
      const [count, creditsEach] = [counts[what], prices[what]];
      return { what, count, creditsEach, credits: count * creditsEach };
    });
}

/** The amount that is held when a task is created. */
export function priceOf(request: TaskRequest, prices: Prices): number {
  return chargesOf(request, prices).reduce((sum, { credits }) => sum + credits, 0);
}
