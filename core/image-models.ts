/** Which sizes each image model makes (reference: Ark's model pages). Widths and heights in pixels. */
type ImageModel = { readonly id: string; readonly sizes: readonly string[] };

const LARGE_SIZES = [
  "2048x2048",
  "1728x2304",
  "2304x1728",
  "2560x1440",
  "1440x2560",
  "1664x2496",
  "2496x1664",
] as const;
const SMALL_SIZES = [
  "1024x1024",
  "864x1152",
  "1152x864",
  "1280x720",
  "720x1280",
  "832x1248",
  "1248x832",
] as const;

export const IMAGE_MODELS: readonly ImageModel[] = [
  { id: "doubao-seedream-4-0-250828", sizes: [...SMALL_SIZES, ...LARGE_SIZES] },
  { id: "doubao-seedream-4-5-251128", sizes: LARGE_SIZES },
  { id: "doubao-seedream-5-0-260128", sizes: LARGE_SIZES },
];

/** The model of an id, whatever its case (provider ids are lower case; the original contract writes otherwise). */
export function findImageModel(id: string): ImageModel | undefined {
  return IMAGE_MODELS.find((model) => model.id === id.toLowerCase());
}

export function parseSize(size: string): { width: number; height: number } {
  const [width, height] = size.split("x").map(Number);
  return { width: width ?? 0, height: height ?? 0 };
}
