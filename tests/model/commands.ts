import * as fc from "fast-check";
import type { AsyncCommand } from "fast-check";
import type { ModelStore, ModelTask, Claim } from "./model-store.ts";
import type { Run } from "./subject.ts";

export type Command = AsyncCommand<ModelStore, Run>;

type Plan<T> = {
  readonly name: string;
  /** Whether there is anything to act on. */
  readonly when?: (model: ModelStore) => boolean;
  /** Acts on the store and on the model, and compares what both say. */
  readonly act: (run: Run, drawn: T) => Promise<void>;
};

/** A command out of its plan: the clock ticks, both sides act, and then everything visible must agree. */
export function commandOf<T>(
  draws: fc.Arbitrary<T>,
  { name, when = () => true, act }: Plan<T>,
): fc.Arbitrary<Command> {
  return draws.map((drawn) => ({
    check: when,
    async run(model, run) {
      model.acts += 1;
      run.wait(1);
      await act(run, drawn);
      await run.agree();
    },
    toString: () => `${name}(${JSON.stringify(drawn)})`,
  }));
}

/** A command that is drawn this many times as often as others. */
export function often(times: number, command: fc.Arbitrary<Command>): fc.Arbitrary<Command>[] {
  return Array.from({ length: times }, () => command);
}

export const hasTasks = (model: ModelStore) => model.tasks.size > 0;
export const hasClaims = (model: ModelStore) => model.claims.length > 0;

/** Counted from the newest, so that small numbers, which are drawn and shrunk to, mean the newest. */
export const nth = fc.nat(6);

export function taskAt(model: ModelStore, at: number): ModelTask {
  return newest(model.list(), at);
}

export function claimAt(model: ModelStore, at: number): Claim {
  return newest(model.claims, at);
}

function newest<T>(all: readonly T[], at: number): T {
  const one = all[all.length - 1 - (at % all.length)];
  if (one === undefined) throw new Error("there is nothing to act on");
  return one;
}
