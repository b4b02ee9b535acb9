import { z } from "zod";

/** An object that takes no other fields; whoever sends one is told which there are. */
export function closedObject<S extends z.core.$ZodLooseShape>(shape: S) {
  const known = Object.keys(shape).join(", ");
  return z.strictObject(shape, {
    error: (issue) =>
      issue.code === "unrecognized_keys" ? `there is no such field; there are ${known}` : undefined,
  });
}
