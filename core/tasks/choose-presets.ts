import { notAllowed, type FieldFault } from "../model/field-faults.ts";
import { garmentSaid, namedPresets } from "../model/named-presets.ts";
import type { Scene } from "../ports/preset-store.ts";

type PresetNames = {
  readonly sceneType: string;
  readonly stylePreference: string;
  readonly clothingType?: string | undefined;
};

type Chosen = {
  /** What goes in the place of the names that were given. */
  readonly ids: Pick<PresetNames, "sceneType" | "stylePreference">;
  readonly faults: readonly FieldFault[];
};

/**
 * The presets in use that a body names by id or by title, as ids: all that comes later sees nothing else. The garment
 * stays as the customer wrote it, since it may be a word of their own; it must only not mean two.
 */
export function choosePresets(presets: readonly Scene[], request: PresetNames, at: string): Chosen {
  const faults: FieldFault[] = [];
  const choose = (kind: "scene" | "style", field: "sceneType" | "stylePreference") => {
    const name = request[field];
    const pointer = `${at}/${field}`;
    const meant = namedPresets(presets, kind, name);
    if (meant.length > 1) faults.push(shared(meant, pointer));
    const [preset] = meant;
    if (preset !== undefined) return preset.id;
    const allowed = presets.filter((one) => one.kind === kind).map(({ id }) => id);
    faults.push(notAllowed(allowed, pointer));
    return name;
  };
  const ids = {
    sceneType: choose("scene", "sceneType"),
    stylePreference: choose("style", "stylePreference"),
  };
  const garment = garmentSaid(request.clothingType);
  const garments = garment === undefined ? [] : namedPresets(presets, "garment", garment);
  if (garments.length > 1) faults.push(shared(garments, `${at}/clothingType`));
  return { ids, faults };
}

function shared(presets: readonly Scene[], pointer: string): FieldFault {
  const ids = presets.map(({ id }) => id).join(", ");
  return {
    pointer,
    code: "AMBIGUOUS",
    detail: `this title means more than one: give one of ${ids}`,
  };
}
