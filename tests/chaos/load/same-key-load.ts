import { generation } from "../../journey.ts";
import { LOAD_BODY, loadCustomer, type LoadTarget } from "./load-target.ts";

const REQUESTS = 500;

/** All at once under one key: one task, one answer; another body under the key is 422. */
export async function sameKeyLoad(target: LoadTarget) {
  const customer = await loadCustomer(target, 1_000_000);
  const key = { headers: { "idempotency-key": "one-key" } };
  const path = "/api/ai-image/generate";
  const answers = await Promise.all(
    Array.from({ length: REQUESTS }, (_, nth) =>
      customer.at(nth).raw("POST", path, LOAD_BODY, key),
    ),
  );
  const texts = await Promise.all(answers.map((answer) => answer.text()));
  const other = await customer
    .at(0)
    .raw("POST", path, generation(["https://example.com/b.jpg"], 1), key);
  const row = await target.db.kysely
    .selectFrom("tasks")
    .select((eb) => eb.fn.countAll<number>().as("n"))
    .where("userId", "=", customer.userId)
    .executeTakeFirstOrThrow();
  const accepted = texts.filter((_, nth) => answers[nth]?.status === 202);
  const statuses: Record<string, number> = {};
  for (const { status } of answers) statuses[status] = (statuses[status] ?? 0) + 1;
  const tasks = Number(row.n);
  const sound =
    tasks === 1 &&
    new Set(accepted).size === 1 &&
    answers.every(({ status }) => [202, 409].includes(status)) &&
    other.status === 422;
  return {
    loadTest: "one key",
    requests: REQUESTS,
    tasks,
    statuses,
    otherBody: other.status,
    sound,
  };
}
