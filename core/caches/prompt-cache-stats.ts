import { z } from "zod";
import type { ProcessRegistry } from "../ports/process-registry.ts";
import { parseJsonAs } from "../resilience/parse-json.ts";

export type PromptCacheCounts = {
  readonly exact: number;
  readonly similar: number;
  readonly misses: number;
};

/** How often one process found a prompt and how often it had one written; posted to the process registry. */
export interface PromptCacheCounter {
  count(what: keyof PromptCacheCounts): Promise<void>;
}

const TOPIC = "prompt-cache";
/** What a process that has ended found is forgotten after this time. */
const LIFE_MS = 24 * 3_600_000;

const count = z.number().int().nonnegative();
const countsSchema = z.object({ exact: count, similar: count, misses: count });
const NONE: PromptCacheCounts = { exact: 0, similar: 0, misses: 0 };

/** `processId` names the process, anew with each start. */
export function createPromptCacheCounter(
  registry: ProcessRegistry,
  processId: string,
): PromptCacheCounter {
  let counts = NONE;
  return {
    async count(what) {
      counts = { ...counts, [what]: counts[what] + 1 };
      await registry.post(TOPIC, processId, JSON.stringify(counts), LIFE_MS);
    },
  };
}

/** Of all processes that asked for a prompt in the last 24 hours, since each of them started; nothing bought by it. */
export async function readPromptCacheCounts(registry: ProcessRegistry): Promise<PromptCacheCounts> {
  const said = await registry.read(TOPIC);
  const all = said.map(({ value }) => parseJsonAs(countsSchema, value) ?? NONE);
  return {
    exact: all.reduce((sum, { exact }) => sum + exact, 0),
    similar: all.reduce((sum, { similar }) => sum + similar, 0),
    misses: all.reduce((sum, { misses }) => sum + misses, 0),
  };
}
