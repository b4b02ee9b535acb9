import type { FunctionName } from "../../core/model/functions.ts";
import { codeMark } from "./code-mark.ts";
import { keepLive, prepareVersion, type DeployDeps, type FunctionWork } from "./deploy-function.ts";
import type { DeploySettings } from "./deploy-settings.ts";
import { inspectFunction, type WantedState } from "./inspect-function.ts";
import { moveAliases, type Move } from "./move-aliases.ts";
import type { PackedFunction } from "./pack-function.ts";
import { planFunction, type FunctionPlan } from "./plan-function.ts";
import { refuseTooMuchMemory } from "./reserved-memory.ts";
import { createTryOut, faultOf } from "./try-out.ts";
import { waitUntilSettled } from "./wait-until-active.ts";

export type Deployment = {
  readonly settings: Pick<DeploySettings, "alias" | "functions">;
  readonly packed: readonly (PackedFunction & { readonly name: FunctionName })[];
  /** Tell what would change, and change nothing. */
  readonly planOnly: boolean;
  /** Of this deployment alone. */
  readonly id: string;
};

export type DeploymentOutcome = {
  readonly plans: readonly FunctionPlan[];
  /** The version that each alias points to now; only what was moved. */
  readonly moved: Readonly<Record<string, string>>;
};

/**
 * Brings the functions to what is wanted. All of them get their version and are tried out by its number before the
 * first alias moves; whatever fails before leaves every alias where it was.
 */
export async function deployFunctions(
  deps: DeployDeps,
  deployment: Deployment,
): Promise<DeploymentOutcome> {
  const works: FunctionWork[] = [];
  for (const packed of deployment.packed) works.push(await planned(deps, deployment, packed));
  const plans = works.map(({ plan }) => plan);
  for (const plan of plans) printPlan(deps, plan);
  const toDo = works.filter(({ plan }) => plan.steps.length > 0);
  if (deployment.planOnly || toDo.length === 0) return { plans, moved: {} };

  await refuseTooMuchMemory(deps.platform, works);
  const moves: Move[] = [];
  for (const work of toDo) {
    const { name, alias } = work.wanted;
    const from = await keepLive(deps, work);
    const to = await prepareVersion(deps, work);
    if (to !== from) moves.push({ name, alias, from, to });
  }
  if (moves.length > 0) await tryAllOut(deps, deployment.id, moves);
  await moveAliases(deps, moves);
  return { plans, moved: Object.fromEntries(moves.map(({ name, to }) => [name, to])) };
}

async function planned(
  deps: DeployDeps,
  { settings, planOnly }: Deployment,
  packed: PackedFunction & { readonly name: FunctionName },
): Promise<FunctionWork> {
  const { name } = packed;
  const { settings: own, reservedMemoryMb } = settings.functions[name];
  const wanted: WantedState = {
    name,
    alias: settings.alias,
    codeKey: packed.key,
    settings: { ...own, description: codeMark(packed.sha256) },
    reservedMemoryMb,
  };
  // A deployment that was broken off may have left a change under way.
  if (!planOnly) await waitUntilSettled(deps, name, "$LATEST");
  const found = await inspectFunction(deps.platform, wanted);
  return { wanted, found, plan: planFunction(wanted, found), packed };
}

function printPlan({ progress }: DeployDeps, { name, steps, changes }: FunctionPlan): void {
  if (steps.length === 0) return progress.info(`${name}: nothing to change`);
  progress.info(`${name}: ${steps.join(", ")}`);
  for (const change of changes) progress.info(`  ${change}`);
}

async function tryAllOut(deps: DeployDeps, id: string, moves: readonly Move[]): Promise<void> {
  const tryOut = createTryOut(deps.objects, id);
  await tryOut.prepare();
  try {
    for (const { name, to } of moves) {
      await deps.progress.step(`${name}: try version ${to} out`, async () => {
        const fault = await deps.platform
          .invoke(name, to, tryOut.eventOf(name))
          .then(faultOf, (error: unknown) =>
            String(error instanceof Error ? error.message : error),
          );
        if (fault !== null) throw new Error(triedInVain(moves, { name, to, fault }));
      });
    }
  } finally {
    await tryOut.cleanUp();
  }
}

function triedInVain(
  moves: readonly Move[],
  { name, to, fault }: { readonly name: string; readonly to: string; readonly fault: string },
): string {
  const aliases = moves.map((move) => `${move.name} at ${move.from ?? "no version"}`).join(", ");
  const hint = /GLIBC|sharp|libvips/i.test(fault)
    ? " Its image library does not fit the runtime: try --image-library wasm."
    : "";
  return `Version ${to} of ${name} does not pass: ${fault.slice(0, 500).replace(/\.$/, "")}.${hint} No alias was moved: ${aliases}.`;
}
