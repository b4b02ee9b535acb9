import type { TaskRequest } from "./task.ts";

/** Where a request names a photo. */
export type NamedPhoto = {
  readonly address: string;
  /** Its place in the input, as a JSON Pointer. */
  readonly pointer: string;
};

/** The photos that a task works on, in the order of its sources. */
export function photosOf(request: TaskRequest): NamedPhoto[] {
  switch (request.type) {
    case "FULL_GENERATION":
      return listed("/clothingImages", request.input.clothingImages);
    case "PREPROCESS_ONLY":
      return listed("/images", request.input.images);
    case "PROMPT_ONLY":
      return [{ address: request.input.imageUrl, pointer: "/imageUrl" }];
    case "GENERATE_ONLY":
      return listed("/referenceImages", request.input.referenceImages ?? []);
    default:
      return request satisfies never;
  }
}

/** The same request with other addresses in the places of its photos. */
export function withAddresses(request: TaskRequest, addresses: readonly string[]): TaskRequest {
  switch (request.type) {
    case "FULL_GENERATION":
      return { ...request, input: { ...request.input, clothingImages: addresses } };
    case "PREPROCESS_ONLY":
      return { ...request, input: { ...request.input, images: addresses } };
    case "PROMPT_ONLY":
      return {
        ...request,
        input: { ...request.input, imageUrl: addresses[0] ?? request.input.imageUrl },
      };
    case "GENERATE_ONLY": {
      const { referenceImages } = request.input;
      if (referenceImages === undefined) return request;
      return { ...request, input: { ...request.input, referenceImages: addresses } };
    }
    default:
      return request satisfies never;
  }
}

function listed(pointer: string, addresses: readonly string[]): NamedPhoto[] {
  return addresses.map((address, index) => ({ address, pointer: `${pointer}/${index}` }));
}
