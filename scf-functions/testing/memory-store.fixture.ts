import { FunctionError } from "../shared/function-error.ts";
import type { FunctionStore, StoredObject } from "../shared/object-store.ts";

/** Objects in memory, for tests; `calls` tells what was asked, in order, as "put key". */
export type MemoryStore = FunctionStore & {
  readonly objects: Map<string, StoredObject>;
  readonly calls: string[];
};

/** A store with the given objects, which keeps the promises of `FunctionStore`. */
export function createMemoryStore(initial: Readonly<Record<string, Buffer>> = {}): MemoryStore {
  const objects = new Map<string, StoredObject>(
    Object.entries(initial).map(([key, body]) => [key, { body }]),
  );
  const calls: string[] = [];
  return {
    objects,
    calls,
    async head(key) {
      calls.push(`head ${key}`);
      const object = objects.get(key);
      if (object === undefined) return null;
      return { bytes: object.body.byteLength };
    },
    async get(key, bytesMax) {
      calls.push(`get ${key}`);
      const object = objects.get(key) ?? null;
      if (object === null || object.body.byteLength <= bytesMax) return object;
      throw new FunctionError("IMAGE_TOO_LARGE", `${key} is too large.`);
    },
    async put(key, body, { contentType: _type, ...making }) {
      calls.push(`put ${key}`);
      objects.set(key, { body, ...making });
    },
  };
}
