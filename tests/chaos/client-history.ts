/** What one simulated client did and was told about one create. */
export type ClientEntry = {
  readonly key: string;
  readonly customer: number;
  readonly n: number;
  /** The task that a 202 or 200 named; null until then. */
  taskId: string | null;
  /** Tries that were not answered, or answered by 5xx. */
  retries: number;
  /** States in the order in which they were read. */
  readonly seen: string[];
  /** What `DELETE` answered: whether it is canceled. */
  cancel: boolean | null;
  /** A refusal that is no fault: 402, 422. */
  refused: number | null;
};

/** Everything that the clients of a run saw; the checker holds it against the database. */
export type ClientHistory = { readonly entries: ClientEntry[] };

const ENDED = new Set(["succeeded", "partial", "failed", "canceled", "expired"]);

/** A reader saw a task leave a terminal state, or change it: never allowed. */
export function wentBackwards({ seen }: ClientEntry): boolean {
  const first = seen.findIndex((status) => ENDED.has(status));
  return first !== -1 && seen.slice(first).some((status) => status !== seen[first]);
}
