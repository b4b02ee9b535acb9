import type { FunctionFailureCode, Ran } from "../../core/function-schemas/function-answer.ts";
import type { ProviderSwitch } from "../../core/function-schemas/provider-switch.ts";
import { FunctionError } from "./function-error.ts";

export type FailOverRules = {
  /** What is left of the function's time, and what the next provider needs of it at least. */
  readonly remainingMs: () => number;
  readonly timeMinMs: number;
  /** Whether an answer that came, was paid for and cannot be used is worth paying another provider for. */
  readonly paysAgain: () => boolean;
};

type Named = { readonly name: string };
type Failure = { readonly provider: string; readonly error: FunctionError };

/** What is the provider's own trouble, or its operator's. All else would be the same elsewhere, or must be told. */
const PROVIDERS_TROUBLE: readonly FunctionFailureCode[] = [
  "PROVIDER_BUSY",
  "PROVIDER_FAILED",
  "PROVIDER_TIMEOUT",
  "PROVIDER_ANSWER_INVALID",
  "PROVIDER_CREDENTIALS",
  "PROVIDER_UNPAID",
];
const OPERATORS_FAULT: readonly FunctionFailureCode[] = ["PROVIDER_CREDENTIALS", "PROVIDER_UNPAID"];
const REFUSALS: readonly FunctionFailureCode[] = ["EVENT_INVALID", "PROVIDER_REQUEST_REFUSED"];

/**
 * Asks the providers in their order until one does the work. The next one is asked only while it is certain that no
 * paid work is under way or done (`paysAgain` allows for an answer that cannot be used), and while enough time is
 * left. When none did it, `ran` is the worst of all, so that nothing is asked for again that may have been paid for.
 */
export async function failOver<P extends Named, R>(
  providers: readonly P[],
  rules: FailOverRules,
  call: (provider: P) => Promise<R>,
): Promise<{ readonly result: R; readonly switches: ProviderSwitch[] }> {
  const failures: Failure[] = [];
  for (const provider of providers) {
    try {
      const result = await call(provider);
      return { result, switches: failures.map((failure) => switchTo(provider.name, failure)) };
    } catch (error) {
      if (!(error instanceof FunctionError)) throw error;
      failures.push({ provider: provider.name, error });
      const isFirst = failures.length === 1;
      if (!isWorthTheNext(error, isFirst, rules)) break;
      if (rules.remainingMs() < rules.timeMinMs) break;
    }
  }
  throw verdict(failures, rules);
}

function isWorthTheNext(error: FunctionError, isFirst: boolean, rules: FailOverRules): boolean {
  const cameInVain = rules.paysAgain() && error.code === "PROVIDER_ANSWER_INVALID";
  const isOver = error.ran === "no" || (rules.paysAgain() && error.ran === "yes");
  if (!isOver && !cameInVain) return false;
  if (PROVIDERS_TROUBLE.includes(error.code) || error.elsewhere) return true;
  // What a later one cannot do says nothing about one after it.
  return !isFirst && REFUSALS.includes(error.code);
}

/**
 * The failure of all. One that ended the search speaks; else the first that may pass by itself, so that the task is
 * tried again; else the first of all, which pauses the function when an operator must mend it. A later provider's
 * refusal of the request never speaks: the first would have taken it.
 */
function verdict(failures: readonly Failure[], rules: FailOverRules): FunctionError {
  const last = failures.at(-1);
  if (last === undefined) throw new Error("no provider is configured");
  const isDecisive = !isWorthTheNext(last.error, failures.length === 1, rules);
  const passing = failures.filter(
    ({ error }, at) =>
      !OPERATORS_FAULT.includes(error.code) && !(at > 0 && REFUSALS.includes(error.code)),
  );
  const speaker = isDecisive ? last : (passing[0] ?? failures[0] ?? last);
  if (failures.length === 1) return speaker.error;
  const { error } = speaker;
  return new FunctionError(error.code, error.message, {
    ran: worstRan(failures),
    retryAfterMs: error.retryAfterMs,
    providerCode: codesOf([speaker, ...failures.filter((failure) => failure !== speaker)]),
  });
}

/** For the operator: whose code each is. */
function codesOf(failures: readonly Failure[]): string {
  return failures
    .map(({ provider, error }) => `${provider}: ${error.providerCode ?? error.code}`)
    .join("; ");
}

const GRAVITY = { no: 0, yes: 1, unknown: 2 } as const satisfies Record<Ran, number>;

function worstRan(failures: readonly Failure[]): Ran {
  const rans = failures.map(({ error }) => error.ran);
  return rans.reduce((worst, ran) => (GRAVITY[ran] > GRAVITY[worst] ? ran : worst), "no");
}

function switchTo(to: string, { provider, error }: Failure): ProviderSwitch {
  return {
    from: provider,
    code: error.code,
    to,
    message: error.message.slice(0, 300),
    ...(error.providerCode === undefined ? {} : { providerCode: error.providerCode.slice(0, 200) }),
  };
}
