import { freshId } from "../core/model/ids.fixture.ts";
import { createStore } from "../db/store.ts";
import { DemoClient } from "../local/demo/demo-client.ts";
import type { Fleet } from "./fleet.ts";

/** A customer who signed up at this api and was given credits. */
export async function newFleetCustomer(
  fleet: Pick<Fleet, "db">,
  url: string,
  credits: number,
  limitMs = 300_000,
): Promise<DemoClient> {
  const client = new DemoClient(url, AbortSignal.timeout(limitMs));
  await client.register(`${freshId("usr")}@example.com`, "a long enough password");
  const id = freshId("trf");
  const grant = { id, userId: client.userId, amount: credits, reason: "test", actor: "system" };
  if (credits > 0) await createStore(fleet.db).credits.grant(grant);
  return client;
}
