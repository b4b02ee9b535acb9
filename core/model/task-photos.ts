import type { TaskWish } from "./task.ts";

/** Where a wish names a photo. */
export type NamedPhoto = {
  readonly address: string;
  /** Its place in the input, as a JSON Pointer. */
  readonly pointer: string;
};

/** The photos that a task works on, in the order of its sources. */
export function photosOf(wish: TaskWish): NamedPhoto[] {
  switch (wish.type) {
    case "FULL_GENERATION":
      return listed("/clothingImages", wish.input.clothingImages);
    case "PREPROCESS_ONLY":
      return listed("/images", wish.input.images);
    case "PROMPT_ONLY":
      return [{ address: wish.input.imageUrl, pointer: "/imageUrl" }];
    case "GENERATE_ONLY":
      return listed("/referenceImages", wish.input.referenceImages ?? []);
    default:
      return wish satisfies never;
  }
}

/** The same wish with other addresses in the places of its photos. */
export function withAddresses(wish: TaskWish, addresses: readonly string[]): TaskWish {
  switch (wish.type) {
    case "FULL_GENERATION":
      return { ...wish, input: { ...wish.input, clothingImages: addresses } };
    case "PREPROCESS_ONLY":
      return { ...wish, input: { ...wish.input, images: addresses } };
    case "PROMPT_ONLY":
      return { ...wish, input: { ...wish.input, imageUrl: addresses[0] ?? wish.input.imageUrl } };
    case "GENERATE_ONLY": {
      const { referenceImages } = wish.input;
      if (referenceImages === undefined) return wish;
      return { ...wish, input: { ...wish.input, referenceImages: addresses } };
    }
    default:
      return wish satisfies never;
  }
}

function listed(pointer: string, addresses: readonly string[]): NamedPhoto[] {
  return addresses.map((address, index) => ({ address, pointer: `${pointer}/${index}` }));
}
