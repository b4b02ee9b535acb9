import { inParallel, LOAD_BODY, LOAD_PRICE, loadCustomer, type LoadTarget } from "./load-target.ts";

const CONNECTIONS = 64;
/** Many creates of one customer who can pay for `acceptable` of them: exactly so many are accepted. */
export async function createLoad(
  target: LoadTarget,
  { creates, acceptable }: { readonly creates: number; readonly acceptable: number },
) {
  const customer = await loadCustomer(target, acceptable * LOAD_PRICE);
  const statuses: Record<string, number> = {};
  const startedMs = performance.now();
  await inParallel(creates, CONNECTIONS, async (nth) => {
    const answer = await customer.at(nth).raw("POST", "/api/ai-image/generate", LOAD_BODY);
    await answer.arrayBuffer();
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  });
  const row = await target.db.kysely
    .selectFrom("tasks")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where("userId", "=", customer.userId)
    .executeTakeFirstOrThrow();
  const stored = Number(row.n);
  const sound =
    (statuses["202"] ?? 0) === acceptable &&
    stored === acceptable &&
    (statuses["402"] ?? 0) === creates - acceptable;
  return {
    loadTest: "creates",
    creates,
    acceptable,
    stored,
    statuses,
    ms: Math.round(performance.now() - startedMs),
    sound,
  };
}
