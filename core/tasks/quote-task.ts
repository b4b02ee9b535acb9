import { chargesOf, priceOf, type Charge } from "../model/pricing.ts";
import type { TaskBody } from "../model/task-inputs.ts";
import type { Priority, TaskType } from "../model/task.ts";
import type { User } from "../ports/user-store.ts";

import type { Expectation, QueuePositions } from "../queue/queue-position.ts";
import { checkPriority } from "./check-priority.ts";
import { completeRequest, type CompleteDeps, type SentBy } from "./complete-request.ts";
import { checkSources, type SourceDeps } from "./read-sources.ts";

export type QuoteInput = SentBy & {
  readonly role: User["role"];
  readonly body: TaskBody;
  readonly priority: Priority;
};

export type Quote = {
  readonly type: TaskType;
  readonly credits: number;
  readonly breakdown: readonly Charge[];
} & Expectation;

type QuoteDeps = CompleteDeps &
  SourceDeps & { readonly positions: Pick<QueuePositions, "expectNew"> };

/**
 * What a create with this body would hold, line by line, and when its task would have ended if it came now, behind all
 * that wait. Creates and stores nothing, holds nothing, promises nothing. Throws what the create would throw before it
 * looks at the balance and the queue's limits.
 */
export async function quoteTask(deps: QuoteDeps, input: QuoteInput): Promise<Quote> {
  checkPriority(input.priority, input.role);
  const request = await completeRequest(deps, input.body, input);
  checkSources(deps, request, input);
  const { prices } = deps.settings;
  return {
    type: request.type,
    credits: priceOf(request, prices),
    breakdown: chargesOf(request, prices),
    ...(await deps.positions.expectNew(request.type)),
  };
}
