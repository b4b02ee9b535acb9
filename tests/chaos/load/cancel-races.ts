import { inParallel, LOAD_BODY, LOAD_PRICE, loadCustomer, type LoadTarget } from "./load-target.ts";

const CONCURRENCY = 16;
const END_LIMIT_MS = 120_000;
/** Short of the rate limit's burst for one customer. */
const PER_CUSTOMER = 100;

/** Each task is canceled twice at about the time when it is claimed, worked on or settled. */
export async function cancelRaces(target: LoadTarget, races: number) {
  const said = new Map<string, boolean[]>();
  const delays = [0, 5, 20, 40, 60, 80, 120, 200];
  for (let done = 0; done < races; done += PER_CUSTOMER) {
    const customer = await loadCustomer(target, PER_CUSTOMER * LOAD_PRICE);
    await inParallel(Math.min(PER_CUSTOMER, races - done), CONCURRENCY, async (nth) => {
      const { id } = await customer.at(nth).createTask(LOAD_BODY);
      await pause(delays[nth % delays.length] ?? 0);
      const answers = await Promise.all(
        [0, 1].map((n) => customer.at(nth + n).raw("DELETE", `/api/v1/ai-generation/tasks/${id}`)),
      );
      const bodies = await Promise.all(answers.map((answer) => answer.json()));
      said.set(
        id,
        bodies.map((body) => (body as { canceled: boolean }).canceled),
      ); // our own API's answer
    });
  }
  const ends = await endsOf(target, [...said.keys()]);
  const lies = [...said].filter(([id, answers]) => {
    const canceled = ends.get(id) === "canceled";
    return answers.some((answer) => answer !== canceled);
  });
  const counts: Record<string, number> = {};
  for (const status of ends.values()) counts[status] = (counts[status] ?? 0) + 1;
  const sound =
    lies.length === 0 && ends.size === said.size && !("queued" in counts) && !("running" in counts);
  return { loadTest: "cancel races", races: said.size, ends: counts, lies: lies.length, sound };
}

async function endsOf({ db }: LoadTarget, ids: readonly string[]): Promise<Map<string, string>> {
  const endsMs = Date.now() + END_LIMIT_MS;
  for (;;) {
    const rows = await db.kysely
      .selectFrom("tasks")
      .select(["id", "status"])
      .where("id", "in", [...ids])
      .execute();
    const live = rows.filter(({ status }) => status === "queued" || status === "running");
    if (live.length === 0 || Date.now() > endsMs)
      return new Map(rows.map(({ id, status }) => [id, status]));
    await pause(200);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
