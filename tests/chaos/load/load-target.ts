import type { Db } from "../../../db/connection/db.ts";
import type { DemoClient } from "../../../local/demo/demo-client.ts";
import { newFleetCustomer } from "../../fleet-customer.ts";
import { generation } from "../../journey.ts";

/** Where a load test goes: one api or several, on one database. */
export type LoadTarget = {
  readonly name: string;
  readonly db: Db;
  readonly urls: readonly string[];
};

/** One photo, one picture: 12 credits. */
export const LOAD_BODY = generation(["https://example.com/a.jpg"], 1);
export const LOAD_PRICE = 12;

/** A customer of the target, as seen through each of its apis in turn. */
export async function loadCustomer(target: LoadTarget, credits: number) {
  const client = await newFleetCustomer(target, target.urls[0] ?? "", credits, 3_600_000);
  const through = target.urls.map((url) => client.at(url));
  return {
    userId: client.userId,
    at: (nth: number): DemoClient => through[nth % through.length] ?? client,
  };
}

/** Runs `work` for 0..count-1, so many at a time. */
export async function inParallel(
  count: number,
  concurrency: number,
  work: (nth: number) => Promise<void>,
) {
  await Promise.all(
    Array.from({ length: concurrency }, async (_, first) => {
      for (let nth = first; nth < count; nth += concurrency) await work(nth);
    }),
  );
}
