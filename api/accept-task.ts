import type { Context } from "hono";
import {
  createTask,
  findReplay,
  type CreatedTask,
  type CreateTaskInput,
} from "../core/create-task.ts";
import { asDrapeError, DrapeError } from "../core/errors.ts";
import { findImageModel } from "../core/image-models.ts";
import { imageSourceOf } from "../core/image-source.ts";
import type { QueueLimits } from "../core/queue-limits.ts";
import type { FullGenerationInput, ImageSource, Priority } from "../core/task.ts";
import type { ApiDeps, ApiEnv } from "./context.ts";
import { storeDataUri } from "./data-uri.ts";
import { hashBody, parseIdempotencyKey } from "./idempotency.ts";
import { presentTask } from "./present-task.ts";
import type { GenerateBody } from "./routes/generate.schema.ts";
import { validationFailed, type FieldFault } from "./validate.ts";
import { waitForEnd } from "./wait-for-end.ts";

type Wish = {
  readonly input: GenerateBody;
  /** Where `input` stands in the body: "" or "/input". */
  readonly at: string;
  readonly priority: Priority;
  readonly metadata: Readonly<Record<string, string>>;
  readonly webhookUrl?: string | undefined;
};

type AcceptDeps = ApiDeps & { readonly limits: QueueLimits };

/** The whole way of a create: replay, checks that need the catalogues, limits, the transaction, the answer. */
export async function acceptTask(
  c: Context<ApiEnv>,
  deps: AcceptDeps,
  wish: Wish,
): Promise<Response> {
  const { userId, role } = c.get("actor");
  if (wish.priority === "high" && role !== "admin") {
    throw new DrapeError("FORBIDDEN", "Priority high is for administrators: use normal or low.");
  }
  const idempotency = await idempotencyOf(c);
  const replay = idempotency === null ? null : await findReplay(deps, userId, idempotency);
  if (replay !== null) return answer(c, replay);
  await checkCatalogues(deps, wish);
  const created = await createWithin(deps, { wish, userId, idempotency });
  if (!created.replayed) {
    const done = await waitForEnd(c, deps, created.taskId);
    if (done !== null) return done;
  }
  return answer(c, created);
}

type Creating = Pick<CreateTaskInput, "userId" | "idempotency"> & { readonly wish: Wish };

/** The create, if there is a place for it; one that comes to nothing gives its place back. */
async function createWithin(deps: AcceptDeps, creating: Creating): Promise<CreatedTask> {
  const leave = await deps.limits.admit(creating.userId);
  try {
    const created = await create(deps, creating);
    leave(!created.replayed);
    return created;
  } catch (error) {
    leave(false);
    throw error;
  }
}

async function create(
  deps: AcceptDeps,
  { wish, userId, idempotency }: Creating,
): Promise<CreatedTask> {
  const { input, sources } = await readSources(deps, wish, userId);
  return createTask(deps, {
    userId,
    input,
    sources,
    priority: wish.priority,
    metadata: wish.metadata,
    webhookUrl: wish.webhookUrl ?? null,
    idempotency,
    // Without a place in the queue: the answer is kept and given again, when the place has long been another.
    render: (task) =>
      JSON.stringify(presentTask(task, { objects: deps.objects, nowMs: task.createdAtMs })),
  });
}

async function idempotencyOf(c: Context<ApiEnv>): Promise<CreateTaskInput["idempotency"]> {
  const key = parseIdempotencyKey(c.req.header("idempotency-key"));
  if (key === null) return null;
  return { route: c.req.path, key, bodyHash: hashBody(await c.req.json()) };
}

function answer(c: Context<ApiEnv>, { response, taskId, replayed }: CreatedTask): Response {
  return c.body(response, 202, {
    "content-type": "application/json",
    location: `/api/v1/ai-generation/tasks/${taskId}`,
    "retry-after": "2",
    ...(replayed ? { "idempotent-replayed": "true" } : {}),
  });
}

async function checkCatalogues(deps: ApiDeps, { input, at }: Wish): Promise<void> {
  const presets = await deps.presets.list();
  const allowed = (kind: "scene" | "style") =>
    presets.filter((preset) => preset.kind === kind).map(({ id }) => id);
  const sizes = findImageModel(deps.settings.imageModel)?.sizes ?? [];
  const faults = [
    notIn(input.sceneType, allowed("scene"), `${at}/sceneType`),
    notIn(input.stylePreference, allowed("style"), `${at}/stylePreference`),
    notIn(input.options.size, sizes, `${at}/options/size`),
  ].filter((fault) => fault !== null);
  if (faults.length > 0) throw validationFailed(faults);
}

function notIn(value: string, allowed: readonly string[], pointer: string): FieldFault | null {
  if (allowed.includes(value)) return null;
  return { pointer, code: "NOT_ALLOWED", detail: `allowed are ${allowed.join(", ")}` };
}

type Sources = { readonly input: FullGenerationInput; readonly sources: readonly ImageSource[] };

async function readSources(deps: ApiDeps, { input, at }: Wish, userId: string): Promise<Sources> {
  const faults: FieldFault[] = [];
  const sources: ImageSource[] = [];
  const rules = { userId, allowHttpHosts: deps.allowHttpHosts };
  for (const [index, given] of input.clothingImages.entries()) {
    try {
      const address = await storeDataUri(given, deps.objects, userId);
      sources.push(imageSourceOf(address, deps.objects, rules));
    } catch (thrown) {
      const { code, message } = asDrapeError(thrown);
      if (code !== "IMAGE_SOURCE_REFUSED" && code !== "IMAGE_UNREADABLE" && code !== "NOT_FOUND")
        throw thrown;
      faults.push({ pointer: `${at}/clothingImages/${index}`, code, detail: message });
    }
  }
  if (faults.length > 0) throw validationFailed(faults);
  const clothingImages = sources.map(({ url }) => url);
  return { input: { ...input, clothingImages }, sources };
}
