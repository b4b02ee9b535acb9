import type { Db } from "../../../db/connection/db.ts";
import type { DemoClient } from "../../../local/demo/demo-client.ts";
import { newFleetCustomer } from "../../fleet-customer.ts";
import { generation } from "../../journey.ts";

/** Where a storm blows: one api or several, on one database. */
export type StormPlace = {
  readonly name: string;
  readonly db: Db;
  readonly urls: readonly string[];
};

/** One photo, one picture: 12 credits. */
export const STORM_BODY = generation(["https://example.com/a.jpg"], 1);
export const STORM_PRICE = 12;

/** A customer of the place, as seen through each of its apis in turn. */
export async function stormCustomer(place: StormPlace, credits: number) {
  const client = await newFleetCustomer(place, place.urls[0] ?? "", credits, 3_600_000);
  const through = place.urls.map((url) => client.at(url));
  return {
    userId: client.userId,
    at: (nth: number): DemoClient => through[nth % through.length] ?? client,
  };
}

/** Runs `work` for 0..count-1, so many at a time. */
export async function inLanes(count: number, lanes: number, work: (nth: number) => Promise<void>) {
  await Promise.all(
    Array.from({ length: lanes }, async (_, lane) => {
      for (let nth = lane; nth < count; nth += lanes) await work(nth);
    }),
  );
}
