import type { Ran } from "../../core/function-schemas/function-answer.ts";
import type { ErrorCode, Outcome, Whose } from "../../core/model/errors.ts";
import type { Fault } from "../../local/cloud-emulator/scf/scf-faults.ts";

/** How a failure is brought about; what is left out is as it should be. */
export type Cause = {
  /** The emulated cloud answers this way, once. */
  readonly fault?: Partial<Fault> & Pick<Fault, "kind">;
  /** The client is set up this way. */
  readonly setup?: Readonly<Record<string, string>>;
  readonly event?: Readonly<Record<string, unknown>>;
  /** The caller's own limit; 0: over before the call. */
  readonly signalMs?: number;
};

/** One way to fail, as the documents tell it; written by hand, and held against what the product makes of it. */
export type FailureRow = {
  readonly signal: string;
  readonly cause: Cause;
  readonly code: ErrorCode;
  readonly ran: Ran;
  readonly outcome: Outcome;
  readonly tripsCircuit: boolean;
  readonly whose: Whose;
  /** What the operator's log names: a variable, a console page, the platform's own word. */
  readonly operatorReads: string;
};

/** What the product made of it, as the driver prints it. */
export type SeenFailure = Omit<FailureRow, "cause" | "operatorReads"> & {
  readonly customerReads: string;
  readonly operatorReads: string;
};
