import type { Deps, StoreParts } from "../deps.ts";
import type { UnitCosts } from "../model/unit-costs.ts";
import type { CostPeriod, CostTotals } from "../ports/usage-store.ts";
import type { Usage } from "../model/usage-meter.ts";

export type CostLine = Omit<Usage, "megabyteMs"> & {
  readonly gbSeconds: number;
  /** Null when a price of something that was used is not said. */
  readonly cost: number | null;
};

export type Costs = Omit<CostTotals, "usage"> & {
  readonly lines: readonly CostLine[];
  /** Of the lines whose cost is known. */
  readonly cost: number;
  /** Whether that is all of them. */
  readonly complete: boolean;
};

export const COST_DAYS_MAX = 92;

/** What the tasks of a period used and what that costs the operator, beside what their customers were charged. */
export async function readCosts(
  { store, settings }: StoreParts<"usage"> & Pick<Deps, "settings">,
  period: CostPeriod,
): Promise<Costs> {
  const { usage, ...credits } = await store.usage.sumCosts(period);
  const lines = usage.map((one) => costLine(one, settings.unitCosts));
  const cost = lines.reduce((sum, line) => sum + (line.cost ?? 0), 0);
  return {
    ...credits,
    lines,
    cost: rounded(cost),
    complete: lines.every((line) => line.cost !== null),
  };
}

/** One line of usage with its money. */
export function costLine({ megabyteMs, ...usage }: Usage, prices: UnitCosts): CostLine {
  const gbSeconds = megabyteMs / 1_024 / 1_000;
  const parts: (readonly [used: number, price: number | null])[] = [
    [usage.images, prices.perImage],
    [usage.inputTokens / 1e6, prices.perMillionInputTokens],
    [usage.outputTokens / 1e6, outputPrice(usage, prices)],
    [gbSeconds, prices.perGbSecond],
    [usage.calls / 1e6, prices.perMillionCalls],
  ];
  const known = parts.every(([used, price]) => used === 0 || price !== null);
  const cost = parts.reduce((sum, [used, price]) => sum + used * (price ?? 0), 0);
  return {
    ...usage,
    gbSeconds: Math.round(gbSeconds * 1_000) / 1_000,
    cost: known ? rounded(cost) : null,
  };
}

/** Image models count tokens too, and bill pictures. */
function outputPrice(usage: Pick<Usage, "function">, prices: UnitCosts): number | null {
  return usage.function === "image-generator" ? 0 : prices.perMillionOutputTokens;
}

/** To a millionth: single calls cost less than a thousandth. */
function rounded(money: number): number {
  return Math.round(money * 1e6) / 1e6;
}
