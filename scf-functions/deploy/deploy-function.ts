import type { Clock } from "../../core/ports/clock.ts";
import type { ObjectStore } from "../../core/ports/cloud.ts";
import type { FunctionPlatform, PlatformFunction } from "../../core/ports/function-platform.ts";
import { UNKNOWN_CODE } from "./code-mark.ts";
import type { FoundState, WantedState } from "./inspect-function.ts";
import type { PackedFunction } from "./pack-function.ts";
import type { FunctionPlan, Step } from "./plan-function.ts";
import { waitUntilActive, waitUntilSettled, type WaitLimits } from "./wait-until-active.ts";

export type DeployDeps = {
  readonly platform: FunctionPlatform;
  readonly objects: Pick<ObjectStore, "put" | "head" | "delete">;
  readonly clock: Clock;
  readonly limits: WaitLimits;
  readonly progress: Progress;
};

export type Progress = {
  info(text: string): void;
  /** Runs one step, and tells its end with the time that it took. */
  step<T>(text: string, work: () => Promise<T>): Promise<T>;
};

export type FunctionWork = {
  readonly wanted: WantedState;
  readonly found: FoundState;
  readonly plan: FunctionPlan;
  readonly packed: PackedFunction;
};

const ZIP_TYPE = "application/zip";
/** The description of a version that was published for the alias alone. */
const KEPT = "Drape. what was live before";

/**
 * Everything of a plan up to the version that the alias is to point to; the alias stays. Gives the version's number.
 * Broken off anywhere, the next run finds what is left to do.
 */
export async function prepareVersion(deps: DeployDeps, work: FunctionWork): Promise<string> {
  const { wanted, plan, packed } = work;
  const { name, settings } = wanted;
  const { platform, progress } = deps;
  const active = () => waitUntilActive(deps, name, "$LATEST");
  const has = (step: Step): boolean => plan.steps.includes(step);

  if (has("create") || has("update code")) await upload(deps, packed);
  if (has("remove")) {
    await progress.step(`${name}: remove what could not be created`, async () => {
      await platform.remove(name);
      const left = await waitUntilSettled(deps, name, "$LATEST");
      if (left !== null) throw new Error(`${name} is ${left.status} after it was removed.`);
    });
  }
  if (has("create")) {
    await progress.step(`${name}: create`, async () => {
      await platform.create(name, { key: packed.key }, settings);
      await active();
    });
  }
  if (has("update code")) {
    await progress.step(`${name}: update code`, () => replaceCode(deps, work));
  }
  if (has("update settings")) {
    await progress.step(`${name}: update settings`, async () => {
      await platform.updateSettings(name, settings);
      await active();
    });
  }
  const { reservedMemoryMb } = wanted;
  if (has("reserve memory") && reservedMemoryMb !== null) {
    await progress.step(`${name}: reserve ${reservedMemoryMb} MB`, () =>
      platform.reserveMemory(name, reservedMemoryMb),
    );
  }
  return await publishedVersion(deps, work);
}

/**
 * An alias that points to $LATEST would serve new code before it is tried out: it gets what is there now as a version of
 * its own first. Gives the version that the alias points to.
 */
export async function keepLive(deps: DeployDeps, work: FunctionWork): Promise<string | null> {
  const { wanted, found, plan } = work;
  if (!plan.steps.includes("keep what is live")) return found.aliased;
  const { name, alias } = wanted;
  const { platform, progress } = deps;
  return await progress.step(`${name}: keep what is live`, async () => {
    const version = await platform.publish(name, KEPT);
    await waitUntilActive(deps, name, version);
    await platform.moveAlias(name, alias, version);
    return version;
  });
}

/** The mark goes first: broken off between, nobody takes the new code for the old one. */
async function replaceCode(
  deps: DeployDeps,
  { wanted, found, packed }: FunctionWork,
): Promise<void> {
  const { name, settings } = wanted;
  const { latest } = found;
  if (latest !== null && latest.description !== UNKNOWN_CODE) {
    await deps.platform.updateSettings(name, unmarked(latest));
    await waitUntilActive(deps, name, "$LATEST");
  }
  await deps.platform.updateCode(name, { key: packed.key }, settings.handler);
  await waitUntilActive(deps, name, "$LATEST");
}

function unmarked(latest: PlatformFunction): PlatformFunction {
  return { ...latest, description: UNKNOWN_CODE };
}

async function publishedVersion(
  deps: DeployDeps,
  { wanted, found }: FunctionWork,
): Promise<string> {
  const { name, settings } = wanted;
  const { platform, progress } = deps;
  const { ready } = found;
  if (ready !== null) {
    await waitUntilActive(deps, name, ready);
    return ready;
  }
  return await progress.step(`${name}: publish a version`, async () => {
    const version = await platform.publish(name, settings.description);
    await waitUntilActive(deps, name, version);
    return version;
  });
}

/** By its hash's name: what is there already is the same. */
async function upload({ objects, progress }: DeployDeps, packed: PackedFunction): Promise<void> {
  const { key, zip } = packed;
  const megabytes = (zip.byteLength / 1024 / 1024).toFixed(1);
  if ((await objects.head(key))?.bytes === zip.byteLength) {
    return progress.info(`${packed.name}: the package is in the bucket already`);
  }
  await progress.step(`${packed.name}: upload ${megabytes} MB`, () =>
    objects.put(key, zip, ZIP_TYPE),
  );
}
