import { inLanes, STORM_BODY, STORM_PRICE, stormCustomer, type StormPlace } from "./storm-place.ts";

const CONNECTIONS = 64;
/** Many creates of one customer who can pay for `acceptable` of them: exactly so many are accepted. */
export async function createStorm(
  place: StormPlace,
  { creates, acceptable }: { readonly creates: number; readonly acceptable: number },
) {
  const customer = await stormCustomer(place, acceptable * STORM_PRICE);
  const statuses: Record<string, number> = {};
  const startedMs = performance.now();
  await inLanes(creates, CONNECTIONS, async (nth) => {
    const answer = await customer.at(nth).raw("POST", "/api/ai-image/generate", STORM_BODY);
    await answer.arrayBuffer();
    statuses[answer.status] = (statuses[answer.status] ?? 0) + 1;
  });
  const row = await place.db.kysely
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
    storm: "creates",
    creates,
    acceptable,
    stored,
    statuses,
    ms: Math.round(performance.now() - startedMs),
    sound,
  };
}
