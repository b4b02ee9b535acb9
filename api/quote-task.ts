import { chargesOf, priceOf } from "../core/model/pricing.ts";
import type { QueuePlaces } from "../core/queue/queue-position.ts";
import type { Priority } from "../core/model/task.ts";
import { checkPriority } from "./accept-task.ts";
import { completeWish } from "./complete-wish.ts";
import type { Actor, ApiDeps } from "./context.ts";
import { checkSources } from "./read-sources.ts";
import type { TaskBody } from "./routes/task-bodies.schema.ts";

type Wish = Actor & { readonly body: TaskBody; readonly priority: Priority };
type QuoteDeps = ApiDeps & { readonly places: QueuePlaces };

/**
 * What a create with this body would hold, line by line, and when its task would have ended if it came now, behind all
 * that wait. Creates and stores nothing, holds nothing, promises nothing. Throws what the create would throw before it
 * looks at the balance and the queue's limits.
 */
export async function quoteTask(deps: QuoteDeps, { body, priority, ...actor }: Wish) {
  const { userId } = actor;
  checkPriority(priority, actor);
  const wish = await completeWish(deps, body, { at: "/input", userId });
  checkSources(deps, wish, { at: "/input", userId });
  const { prices } = deps.settings;
  return {
    type: wish.type,
    credits: priceOf(wish, prices),
    breakdown: chargesOf(wish, prices),
    etaSeconds: await deps.places.expectNew(wish.type),
  };
}
