import { setTimeout as sleep } from "node:timers/promises";
import type { Random } from "../../local/preview/random.ts";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { newFleetCustomer } from "../fleet-customer.ts";
import type { Fleet } from "../fleet.ts";
import { generation, uploadSample } from "../journey.ts";
import type { ClientEntry, ClientHistory } from "./client-history.ts";

export type LoadOptions = {
  readonly fleet: Fleet;
  readonly urls: () => readonly string[];
  readonly random: Random;
  readonly customers: number;
  readonly credits: number;
  /** Creates a second that the clients aim at, while fewer than `liveMax` tasks live. */
  readonly createsPerSecond: number;
  readonly liveMax: number;
};

export type Load = {
  readonly history: ClientHistory;
  /** Creates no more, and waits until every create is answered or given up. */
  stop(): Promise<void>;
};

type Customer = { readonly client: DemoClient; readonly photo: string };

const REQUEST_MS = 8_000;
const GIVE_UP_MS = 60_000;

/** Clients as the world has them: they send again under the same key, double-click, read, and cancel now and then. */
export async function startLoad(options: LoadOptions): Promise<Load> {
  const { fleet, urls, random } = options;
  const history: ClientHistory = { entries: [] };
  const customers: Customer[] = [];
  for (let n = 0; n < options.customers; n += 1) {
    const client = await newFleetCustomer(fleet, urls()[0] ?? "", options.credits, 3_600_000);
    customers.push({ client, photo: await uploadSample(client) });
  }
  const work = new Set<Promise<void>>();
  const stopping = new AbortController();
  const keep = (promise: Promise<void>) => {
    work.add(promise);
    void promise.finally(() => work.delete(promise));
  };

  const loop = (async () => {
    while (!stopping.signal.aborted) {
      await sleep((1_000 / options.createsPerSecond) * random.between(0.5, 1.5));
      if (work.size >= options.liveMax) continue;
      const customer = Math.floor(random.between(0, customers.length));
      const entry: ClientEntry = {
        key: `k${history.entries.length}-${Math.floor(random.between(0, 1e9))}`,
        customer,
        n: random.chance(0.3) ? 2 : 1,
        taskId: null,
        retries: 0,
        seen: [],
        cancel: null,
        refused: null,
      };
      history.entries.push(entry);
      const plan = { double: random.chance(0.05), cancelAfterMs: cancelTime(random) };
      keep(live(options, customers[customer], entry, plan));
    }
  })();

  return {
    history,
    async stop() {
      stopping.abort();
      await loop;
      await Promise.all(work);
    },
  };
}

function cancelTime(random: Random): number | null {
  return random.chance(0.1) ? random.between(0, 4_000) : null;
}

type TaskPlan = { readonly double: boolean; readonly cancelAfterMs: number | null };

/** One create from its first try to its end as the client sees it, or until it is given up. */
async function live(
  options: LoadOptions,
  customer: Customer | undefined,
  entry: ClientEntry,
  plan: TaskPlan,
): Promise<void> {
  if (customer === undefined) return;
  const tries = plan.double ? 2 : 1;
  await Promise.all(Array.from({ length: tries }, () => create(options, customer, entry)));
  if (entry.taskId === null) return;
  if (plan.cancelAfterMs !== null) {
    await sleep(plan.cancelAfterMs);
    await cancel(options, customer, entry);
  }
  await watch(options, customer, entry);
}

async function create(options: LoadOptions, { client, photo }: Customer, entry: ClientEntry) {
  const endsMs = Date.now() + GIVE_UP_MS;
  const body = {
    type: "FULL_GENERATION",
    input: generation([photo], entry.n),
    metadata: { key: entry.key },
  };
  while (Date.now() < endsMs && entry.refused === null) {
    const answer = await send(options, client, {
      method: "POST",
      path: "/api/v1/ai-generation/create",
      body,
      key: entry.key,
    });
    if (answer !== null && (answer.status === 202 || answer.status === 200)) {
      const { id } = answer.body;
      if (entry.taskId !== null && entry.taskId !== id) entry.seen.push(`another task ${id}`);
      entry.taskId = id;
      return;
    }
    if (answer !== null && [402, 422].includes(answer.status)) entry.refused = answer.status;
    entry.retries += 1;
    await sleep(options.random.between(100, 600));
  }
}

async function cancel(options: LoadOptions, { client }: Customer, entry: ClientEntry) {
  const path = `/api/v1/ai-generation/tasks/${entry.taskId}`;
  for (let tries = 0; tries < 20; tries += 1) {
    const answer = await send(options, client, { method: "DELETE", path });
    if (answer?.status === 200) {
      entry.cancel = answer.body.canceled;
      return;
    }
    await sleep(options.random.between(100, 600));
  }
}

async function watch(options: LoadOptions, { client }: Customer, entry: ClientEntry) {
  const path = `/api/v1/ai-generation/tasks/${entry.taskId}`;
  const endsMs = Date.now() + 150_000;
  while (Date.now() < endsMs) {
    const answer = await send(options, client, { method: "GET", path });
    if (answer?.status === 200) {
      const { status } = answer.body;
      entry.seen.push(status);
      if (status !== "queued" && status !== "running") return;
    }
    if (answer?.status === 404) entry.seen.push("404");
    await sleep(options.random.between(400, 1_200));
  }
}

type TaskBody = { readonly id: string; readonly status: string; readonly canceled: boolean };
type Answer = { readonly status: number; readonly body: TaskBody };

type Question = {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly key?: string;
};

/** The answer, or null when there was none: a dead api, a cut connection, no time left. */
async function send(
  options: LoadOptions,
  client: DemoClient,
  { method, path, body, key }: Question,
): Promise<Answer | null> {
  const urls = options.urls();
  const url = urls[Math.floor(options.random.between(0, urls.length))];
  if (url === undefined) return null;
  try {
    const answer = await client.at(url).raw(method, path, body, {
      signal: AbortSignal.timeout(REQUEST_MS),
      ...(key === undefined ? {} : { headers: { "idempotency-key": key } }),
    });
    return { status: answer.status, body: (await answer.json()) as TaskBody }; // our own API's answer
  } catch {
    return null;
  }
}
