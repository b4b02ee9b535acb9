/** What an operator pays, in a currency of their own; null: not said, and then nothing is reckoned with it. */
export type UnitCosts = {
  readonly currency: string;
  readonly perImage: number | null;
  readonly perMillionInputTokens: number | null;
  readonly perMillionOutputTokens: number | null;
  readonly perGbSecond: number | null;
  readonly perMillionCalls: number | null;
};

export const UNKNOWN_COSTS: UnitCosts = {
  currency: "CNY",
  perImage: null,
  perMillionInputTokens: null,
  perMillionOutputTokens: null,
  perGbSecond: null,
  perMillionCalls: null,
};
