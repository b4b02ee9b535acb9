import { Hono } from "hono";
import type { QueueLimits } from "../../core/queue/admission-control.ts";
import type { QueuePositions } from "../../core/queue/queue-position.ts";
import { quoteTask } from "../../core/tasks/quote-task.ts";
import { answerCreate } from "../answer-create.ts";
import type { ApiDeps, ApiEnv } from "../context.ts";
import { imageBody } from "../body/body-middleware.ts";
import type { OpenStreams } from "../open-streams.ts";
import { requireJson, validJson } from "../body/validate.ts";
import { createBodySchema } from "./create.schema.ts";
import { TASK_BODIES } from "./task-bodies.schema.ts";

type CreateDeps = ApiDeps & {
  readonly limits: QueueLimits;
  readonly positions: QueuePositions;
  readonly streams: OpenStreams;
};

/** What stands beside the input when the route alone says the type. */
const PLAIN = { at: "", priority: "normal", metadata: {} } as const;

/** The four routes of the original contract, `/create` that takes the body of any of them, and `/quote`. */
export function createCreateRoutes(deps: CreateDeps) {
  const { FULL_GENERATION, PREPROCESS_ONLY, PROMPT_ONLY, GENERATE_ONLY } = TASK_BODIES;
  return new Hono<ApiEnv>()
    .post(
      "/api/ai-image/generate",
      requireJson,
      imageBody(deps),
      validJson(FULL_GENERATION),
      (c) => {
        const body = { type: "FULL_GENERATION", input: c.req.valid("json") } as const;
        return answerCreate(c, deps, { ...PLAIN, body });
      },
    )
    .post(
      "/api/ai-image/preprocess",
      requireJson,
      imageBody(deps),
      validJson(PREPROCESS_ONLY),
      (c) => {
        const body = { type: "PREPROCESS_ONLY", input: c.req.valid("json") } as const;
        return answerCreate(c, deps, { ...PLAIN, body });
      },
    )
    .post(
      "/api/ai-image/generate-prompt",
      requireJson,
      imageBody(deps),
      validJson(PROMPT_ONLY),
      (c) => {
        const body = { type: "PROMPT_ONLY", input: c.req.valid("json") } as const;
        return answerCreate(c, deps, { ...PLAIN, body });
      },
    )
    .post(
      "/api/ai-image/generate-only",
      requireJson,
      imageBody(deps),
      validJson(GENERATE_ONLY),
      (c) => {
        const body = { type: "GENERATE_ONLY", input: c.req.valid("json") } as const;
        return answerCreate(c, deps, { ...PLAIN, body });
      },
    )
    .post(
      "/api/v1/ai-generation/create",
      requireJson,
      imageBody(deps),
      validJson(createBodySchema),
      (c) => {
        const { priority, metadata, webhookUrl, ...body } = c.req.valid("json");
        return answerCreate(c, deps, { body, at: "/input", priority, metadata, webhookUrl });
      },
    )
    .post(
      "/api/v1/ai-generation/quote",
      requireJson,
      imageBody(deps),
      validJson(createBodySchema),
      async (c) => {
        const { priority, metadata: _, webhookUrl: __, ...body } = c.req.valid("json");
        const sent = { body, priority, at: "/input", ...c.get("actor") };
        return c.json(await quoteTask(deps, sent));
      },
    );
}
