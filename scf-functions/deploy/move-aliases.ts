import type { FunctionName } from "../../core/model/functions.ts";
import type { DeployDeps } from "./deploy-function.ts";

export type Move = {
  readonly name: FunctionName;
  readonly alias: string;
  /** Null: the alias is made. */
  readonly from: string | null;
  readonly to: string;
};

/**
 * Moves all aliases, or none: when one cannot be moved, all that were tried go back to where they were, that one as well,
 * since it may have moved without an answer. Throws why, and names those that did not go back.
 */
export async function moveAliases(deps: AliasDeps, moves: readonly Move[]): Promise<void> {
  const { platform, progress } = deps;
  const tried: Move[] = [];
  try {
    for (const move of moves) {
      const { name, alias, from, to } = move;
      tried.push(move);
      await progress.step(`${name}: alias ${alias} ${from ?? "none"} -> ${to}`, () =>
        from === null ? platform.createAlias(name, alias, to) : platform.moveAlias(name, alias, to),
      );
    }
  } catch (error) {
    const stuck = await moveBack(deps, tried.toReversed());
    if (stuck.length === 0) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(`${reason}. Look at these in the console: ${stuck.join("; ")}.`, {
      cause: error,
    });
  }
}

type AliasDeps = Pick<DeployDeps, "platform" | "progress">;

/** Each for itself; gives those that did not. One that was new has no version to go back to. */
async function moveBack(
  { platform, progress }: AliasDeps,
  moves: readonly Move[],
): Promise<string[]> {
  const stuck: string[] = [];
  for (const { name, alias, from } of moves) {
    if (from === null) continue;
    const back = progress.step(`${name}: alias ${alias} back to ${from}`, () =>
      platform.moveAlias(name, alias, from),
    );
    await back.catch(() => stuck.push(`${name}: ${alias} is to go back to version ${from}`));
  }
  return stuck;
}
