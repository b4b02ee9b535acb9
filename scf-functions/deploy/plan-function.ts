import { markedCode } from "./code-mark.ts";
import type { FoundState, WantedState } from "./inspect-function.ts";
import { settingsChanges } from "./settings-changes.ts";

export type Step =
  | "remove"
  | "create"
  | "keep what is live"
  | "update code"
  | "update settings"
  | "reserve memory"
  | "publish"
  | "move alias";

export type FunctionPlan = {
  readonly name: string;
  /** In this order; empty when nothing is to change. */
  readonly steps: readonly Step[];
  /** Why, in words for a person. */
  readonly changes: readonly string[];
};

/** What is to be done so that what was found becomes what is wanted. Throws when it cannot. */
export function planFunction(wanted: WantedState, found: FoundState): FunctionPlan {
  const { name, settings } = wanted;
  const { latest } = found;
  const changes: string[] = [];
  const steps: Step[] = [];
  const plan = (step: Step, why: string): void => {
    steps.push(step);
    changes.push(why);
  };

  if (latest?.status === "CreateFailed") plan("remove", `its creation failed: ${latest.reason}`);
  if (latest === null || latest.status === "CreateFailed") {
    plan("create", "new");
  } else {
    refuseHalfDeleted(name, latest.status);
    refuseOtherRuntime(wanted, latest.runtime);
    const failed = latest.status === "UpdateFailed";
    const hasCode = latest.description === settings.description && !failed;
    const differences = settingsChanges(latest, settings);
    const changesLatest = !hasCode || differences.length > 0;
    if (changesLatest && found.aliased === "$LATEST" && latest.status === "Active") {
      plan("keep what is live", `alias ${wanted.alias}: $LATEST -> a version of it, until ours is`);
    }
    if (!hasCode) plan("update code", codeChange(latest.description, failed, latest.reason));
    if (changesLatest) steps.push("update settings");
    changes.push(...differences);
  }
  const reserved = wanted.reservedMemoryMb;
  if (reserved !== null && reserved !== found.reservedMemoryMb) {
    plan(
      "reserve memory",
      `reserved memory (MB) ${found.reservedMemoryMb ?? "none"} -> ${reserved}`,
    );
  }
  if (found.ready === null) steps.push("publish");
  if (found.ready === null || found.ready !== found.aliased) {
    const to = found.ready === null ? "a new version" : `version ${found.ready}`;
    plan("move alias", `alias ${wanted.alias}: ${found.aliased ?? "none"} -> ${to}`);
  }
  return { name, steps, changes };
}

function codeChange(description: string, failed: boolean, reason: string): string {
  if (failed) return `its last update failed: ${reason}`;
  const known = markedCode(description);
  return known === null ? "code of unknown origin -> ours" : `code ${known.slice(0, 12)} -> ours`;
}

/** It may still serve, and whoever deleted it wanted it gone: nothing to decide for a deployment. */
function refuseHalfDeleted(name: string, status: string): void {
  if (status !== "DeleteFailed") return;
  throw new Error(`${name} is DeleteFailed: delete it in the console, and deploy again.`);
}

/** The platform fixes the runtime at the creation. */
function refuseOtherRuntime({ name, settings }: WantedState, runtime: string): void {
  if (runtime === settings.runtime) return;
  throw new Error(
    `${name} runs on ${runtime}, and a function's runtime cannot be changed to ${settings.runtime}: delete it in the console, or deploy into another SCF_NAMESPACE.`,
  );
}
