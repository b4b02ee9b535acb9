import { z } from "zod";
import { PRIORITIES, TASK_TYPES } from "../../core/model/task.ts";
import { TASK_BODIES } from "./task-bodies.schema.ts";
import { closedObject } from "../body/validate.ts";

/** Nothing is sent to it yet, and nobody shall wait for what never comes. */
const webhookUrl = z.never({
  error: "not available yet: leave it out, and follow urls.events or read the task",
});

const shared = {
  priority: z.enum(PRIORITIES).default("normal"),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(500))
    .refine((fields) => Object.keys(fields).length <= 16, "at most 16 entries")
    .default({}),
  webhookUrl: webhookUrl.optional(),
};

const { FULL_GENERATION, PREPROCESS_ONLY, PROMPT_ONLY, GENERATE_ONLY } = TASK_BODIES;

/** `POST /api/v1/ai-generation/create` and `/quote`: the body of one of the four routes, with its type. */
export const createBodySchema = z.discriminatedUnion(
  "type",
  [
    closedObject({ type: z.literal("FULL_GENERATION"), input: FULL_GENERATION, ...shared }),
    closedObject({ type: z.literal("PREPROCESS_ONLY"), input: PREPROCESS_ONLY, ...shared }),
    closedObject({ type: z.literal("PROMPT_ONLY"), input: PROMPT_ONLY, ...shared }),
    closedObject({ type: z.literal("GENERATE_ONLY"), input: GENERATE_ONLY, ...shared }),
  ],
  {
    error: (issue) =>
      issue.code === "invalid_union" ? `allowed are ${TASK_TYPES.join(", ")}` : undefined,
  },
);
