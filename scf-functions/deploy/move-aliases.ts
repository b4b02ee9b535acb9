import type { FunctionName } from "../../core/functions.ts";
import type { DeployDeps } from "./deploy-function.ts";

export type Move = {
  readonly name: FunctionName;
  readonly alias: string;
  /** Null: the alias is made. */
  readonly from: string | null;
  readonly to: string;
};

/** Moves all aliases, or none: when one cannot be moved, those before it go back to where they were. */
export async function moveAliases(
  { platform, progress }: Pick<DeployDeps, "platform" | "progress">,
  moves: readonly Move[],
): Promise<void> {
  const done: Move[] = [];
  try {
    for (const move of moves) {
      const { name, alias, from, to } = move;
      await progress.step(`${name}: alias ${alias} ${from ?? "none"} -> ${to}`, () =>
        from === null ? platform.createAlias(name, alias, to) : platform.moveAlias(name, alias, to),
      );
      done.push(move);
    }
  } catch (error) {
    for (const { name, alias, from } of done.toReversed()) {
      // One that was new has no version to go back to.
      if (from === null) continue;
      await progress.step(`${name}: alias ${alias} back to ${from}`, () =>
        platform.moveAlias(name, alias, from),
      );
    }
    throw error;
  }
}
