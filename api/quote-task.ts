import { chargesOf, priceOf } from "../core/model/pricing.ts";
import type { QueuePlaces } from "../core/queue/queue-position.ts";
import type { Priority } from "../core/model/task.ts";
import { checkPriority } from "./accept-task.ts";
import { completeRequest } from "./complete-request.ts";
import type { Actor, ApiDeps } from "./context.ts";
import { checkSources } from "./read-sources.ts";
import type { TaskBody } from "./routes/task-bodies.schema.ts";

type CreateRequest = Actor & { readonly body: TaskBody; readonly priority: Priority };
type QuoteDeps = ApiDeps & { readonly places: QueuePlaces };

/**
 * What a create with this body would hold, line by line, and when its task would have ended if it came now, behind all
 * that wait. Creates and stores nothing, holds nothing, promises nothing. Throws what the create would throw before it
 * looks at the balance and the queue's limits.
 */
export async function quoteTask(deps: QuoteDeps, { body, priority, ...actor }: CreateRequest) {
  const { userId } = actor;
  checkPriority(priority, actor);
  const request = await completeRequest(deps, body, { at: "/input", userId });
  checkSources(deps, request, { at: "/input", userId });
  const { prices } = deps.settings;
  return {
    type: request.type,
    credits: priceOf(request, prices),
    breakdown: chargesOf(request, prices),
    etaSeconds: await deps.places.expectNew(request.type),
  };
}
