import type { Deps, StoreParts } from "../deps.ts";
import { DrapeError } from "../model/errors.ts";
import { newId } from "../model/ids.ts";
import {
  PRESET_LIMITS,
  type PresetName,
  type PresetOutcome,
  type PresetWrite,
} from "../ports/preset-store.ts";

type PresetDeps = StoreParts<"presets"> & Pick<Deps, "presets" | "clock" | "random" | "log">;
type Actor = { readonly actor: string };

/**
 * Makes a preset, changes one, or brings a retired one back; every process knows it at once. The same again
 * changes nothing. Throws CONFLICT when there are too many.
 */
export async function putPreset(
  deps: PresetDeps,
  { actor, ...write }: PresetWrite & Actor,
): Promise<Exclude<PresetOutcome, { kind: "full" }>> {
  const outcome = await deps.store.presets.put(write, actOf(deps, actor));
  if (outcome.kind === "full") {
    throw new DrapeError(
      "CONFLICT",
      `There are ${PRESET_LIMITS.presetsMax} presets, which is the most: delete one and wait a day, or change one that ` +
        "was deleted.",
    );
  }
  await publishChange(deps, outcome.kind, { ...write, actor });
  return outcome;
}

/** No new task may name the preset, and those that wait and do are made all the same; false when none was in use. */
export async function deletePreset(
  deps: PresetDeps,
  { actor, kind, id }: PresetName & Actor,
): Promise<boolean> {
  const deleted = await deps.store.presets.retire({ kind, id }, actOf(deps, actor));
  await publishChange(deps, deleted ? "deleted" : "unchanged", { kind, id, actor });
  return deleted;
}

function actOf({ clock, random }: PresetDeps, actor: string) {
  return { id: newId("aud", clock.nowMs(), random), actor };
}

/** Even when nothing changed: who asks again may do so because the first time ended before it was published. */
async function publishChange(
  { presets, log }: PresetDeps,
  done: string,
  { kind, id, actor }: PresetName & Actor,
): Promise<void> {
  await presets.changed();
  if (done !== "unchanged") log.success(`preset ${done}`, { preset: `${kind}/${id}`, actor });
}
