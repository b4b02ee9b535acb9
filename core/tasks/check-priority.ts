import { DrapeError } from "../model/errors.ts";
import type { Priority } from "../model/task.ts";
import type { User } from "../ports/user-store.ts";

/** Throws FORBIDDEN for a priority that somebody of this role may not give. */
export function checkPriority(priority: Priority, role: User["role"]): void {
  if (priority !== "high" || role === "admin") return;
  throw new DrapeError("FORBIDDEN", "Priority high is for administrators: use normal or low.");
}
