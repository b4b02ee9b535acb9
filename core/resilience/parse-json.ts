import type { z } from "zod";

/** What a text says; undefined, which no JSON says, when it is none. For texts that others wrote. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What a text says if it is what `schema` wants; null when it is of another version, or no JSON at all. */
export function parseJsonAs<S extends z.ZodType>(schema: S, text: string): z.output<S> | null {
  return schema.safeParse(parseJson(text)).data ?? null;
}
