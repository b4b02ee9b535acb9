import { DrapeError } from "../core/model/errors.ts";
import type { Priority } from "../core/model/task.ts";
import type { Actor } from "./context.ts";

/** Throws FORBIDDEN for a priority that this actor may not give. */
export function checkPriority(priority: Priority, { role }: Pick<Actor, "role">): void {
  if (priority !== "high" || role === "admin") return;
  throw new DrapeError("FORBIDDEN", "Priority high is for administrators: use normal or low.");
}
