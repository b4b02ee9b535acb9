import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { DrapeError, ERRORS } from "../../core/model/errors.ts";
import type { FailureRow, SeenFailure } from "./failure-row.ts";
import { SCF_ROWS } from "./scf-rows.ts";

/** The program that makes each failure happen to the real SDK, in Bun or in Node, and prints what became of it. */
type DriveInput = {
  readonly control: string;
  readonly account: {
    readonly secretId: string;
    readonly secretKey: string;
    readonly region: string;
    readonly namespace: string;
  };
  readonly endpoint: string;
};

const NAME = "prompt-generator";
const PATIENCE_MS = 10_000;

for (const row of SCF_ROWS) {
  const input: DriveInput = JSON.parse(process.argv[2] ?? "{}");
  process.stdout.write(`${JSON.stringify(await see(row, input))}\n`);
}
process.exit(0);

async function see({ signal, cause }: FailureRow, input: DriveInput): Promise<SeenFailure> {
  const { fault, setup = {}, event = {}, signalMs = PATIENCE_MS } = cause;
  if (fault !== undefined) {
    const body = JSON.stringify({ function: NAME, ...fault });
    const taken = await fetch(`${input.control}/faults`, { method: "POST", body });
    if (!taken.ok) throw new Error(`the fault for ${signal} was refused: ${await taken.text()}`);
  }
  const invoker = createScfInvoker({ ...input.account, endpoint: input.endpoint, ...setup });
  const limit = signalMs === 0 ? AbortSignal.abort() : AbortSignal.timeout(signalMs);
  const error: unknown = await invoker.call(NAME, { do: "echo", value: 1, ...event }, limit).then(
    () => new Error("the call succeeded"),
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof DrapeError)) throw new Error(`${signal}: ${String(error)}`);
  const { outcome, tripsCircuit, whose } = ERRORS[error.code];
  return {
    signal,
    code: error.code,
    ran: error.ran,
    outcome,
    tripsCircuit,
    whose,
    customerReads: error.message,
    operatorReads: error.operatorMessage ?? "",
  };
}
