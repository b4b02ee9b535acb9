import type { Scene } from "../ports/preset-store.ts";

/**
 * The presets of a kind that a customer means by a name: the one of that id, else those of that Chinese or English
 * title, whatever the case and the width of its letters. More than one: the name says too little. None: it is no
 * preset's.
 */
export function namedPresets<P extends Scene>(
  presets: readonly P[],
  kind: Scene["kind"],
  name: string,
): readonly P[] {
  const ofKind = presets.filter((preset) => preset.kind === kind);
  const plain = plainName(name);
  const byId = ofKind.find(({ id }) => id === name) ?? ofKind.find(({ id }) => id === plain);
  if (byId !== undefined) return [byId];
  return ofKind.filter(({ en, zh }) => [en, zh].some((title) => plainName(title) === plain));
}

/** What customers and forms say when they name no garment in particular. */
const ANY_GARMENT: ReadonlySet<string> = new Set([
  "fashion",
  "clothing",
  "clothes",
  "garment",
  "garments",
  "apparel",
  "服装",
  "时装",
  "服饰",
  "衣服",
]);

/**
 * The garment that a customer names, as they wrote it; undefined when they name none. "fashion" and its kind mean
 * whatever the photo shows, and are never told to anybody as the word for a garment.
 */
export function garmentSaid(clothingType: string | undefined): string | undefined {
  if (clothingType === undefined) return undefined;
  const plain = plainName(clothingType);
  return plain === "" || ANY_GARMENT.has(plain) ? undefined : clothingType;
}

function plainName(name: string): string {
  return name.normalize("NFKC").trim().toLowerCase();
}
