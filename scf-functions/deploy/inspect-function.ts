import type { FunctionName } from "../../core/model/functions.ts";
import type {
  FunctionPlatform,
  FunctionSettings,
  PlatformFunction,
} from "../../core/ports/function-platform.ts";
import { settingsChanges } from "./settings-changes.ts";

/** How a function is to be. */
export type WantedState = {
  readonly name: FunctionName;
  readonly alias: string;
  readonly codeKey: string;
  /** With the code's mark as its description. */
  readonly settings: FunctionSettings;
  readonly reservedMemoryMb: number | null;
};

/** How a function is. */
export type FoundState = {
  /** Null as well when it is about to be gone. */
  readonly latest: PlatformFunction | null;
  /** The version that the alias points to. */
  readonly aliased: string | null;
  /** A published version that is as wanted, whether the alias points to it or not. */
  readonly ready: string | null;
  readonly reservedMemoryMb: number | null;
};

/** Of the versions with the right code; older ones are published anew. */
const VERSIONS_LOOKED_AT = 5;

/** Reads all that a plan needs; changes nothing. */
export async function inspectFunction(
  platform: FunctionPlatform,
  wanted: WantedState,
): Promise<FoundState> {
  const { name, alias } = wanted;
  const latest = await platform.describe(name, "$LATEST");
  if (latest === null || latest.status === "Deleting") {
    return { latest: null, aliased: null, ready: null, reservedMemoryMb: null };
  }
  if (latest.status === "CreateFailed" || latest.status === "Creating") {
    return { latest, aliased: null, ready: null, reservedMemoryMb: null };
  }
  const aliased = await platform.aliasedVersion(name, alias);
  const reserves = wanted.reservedMemoryMb !== null;
  const reservedMemoryMb = reserves ? await platform.reservedMemoryMb(name) : null;
  return {
    latest,
    aliased,
    ready: await readyVersion(platform, wanted, aliased),
    reservedMemoryMb,
  };
}

/** The alias's own version before others, so that nothing moves without need. */
async function readyVersion(
  platform: FunctionPlatform,
  wanted: WantedState,
  aliased: string | null,
): Promise<string | null> {
  const versions = (await platform.versions(wanted.name)).filter(
    ({ description }) => description === wanted.settings.description,
  );
  versions.sort((a, b) => Number(b.number === aliased) - Number(a.number === aliased));
  for (const { number } of versions.slice(0, VERSIONS_LOOKED_AT)) {
    const found = await platform.describe(wanted.name, number);
    if (found !== null && isAsWanted(found, wanted.settings)) return number;
  }
  return null;
}

function isAsWanted(found: PlatformFunction, wanted: FunctionSettings): boolean {
  const usable = found.status === "Active" || found.status === "Publishing";
  const same = found.runtime === wanted.runtime && found.handler === wanted.handler;
  return usable && same && settingsChanges(found, wanted).length === 0;
}
