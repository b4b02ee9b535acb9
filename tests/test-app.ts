import { expect } from "bun:test";
import { z } from "zod";
import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { createBatcher } from "../core/create-batcher.ts";
import { createLog } from "../core/log.ts";
import type { ResilientInvoker } from "../core/resilient-invoker.ts";
import { systemClock } from "../core/system-clock.ts";
import { DEFAULT_TASK_SETTINGS } from "../core/task-settings.ts";
import { migrate } from "../db/migrate.ts";
import { openDatabase } from "../db/open.ts";
import { createStore } from "../db/store.ts";
import { EmbeddedCache } from "../redis/embedded-cache.ts";
import { EmbeddedEventLog } from "../redis/embedded-event-log.ts";
import { EmbeddedQueue } from "../redis/embedded-queue.ts";
import { EmbeddedRateLimiter } from "../redis/embedded-rate-limiter.ts";
import { createApp, type App } from "../api/app.ts";

const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string(),
  instance: z.string(),
  code: z.string(),
  requestId: z.string(),
  retryable: z.boolean(),
  errors: z
    .array(z.object({ pointer: z.string(), code: z.string(), detail: z.string() }))
    .optional(),
  balance: z.number().optional(),
  needed: z.number().optional(),
});

export type TestApp = {
  readonly app: App;
  signUp(email: string): Promise<string>;
  post(path: string, body: unknown, ask?: Ask): Promise<Response>;
  close(): Promise<void>;
};

/** The real app on a database in memory; its object store is never reached, its functions never called. */
export async function openTestApp(): Promise<TestApp> {
  const db = await openDatabase("sqlite::memory:");
  await migrate(db.kysely);
  const store = createStore(db);
  const log = createLog({
    format: "json",
    level: "quiet",
    write: () => undefined,
    nowMs: Date.now,
  });
  const clock = systemClock;
  const place = {
    secretId: "id",
    secretKey: "key",
    region: "ap-guangzhou",
    bucket: "drape-1250000000",
  };
  const settings = DEFAULT_TASK_SETTINGS;
  const app = createApp({
    store,
    queue: new EmbeddedQueue(log),
    events: new EmbeddedEventLog(clock),
    cache: new EmbeddedCache(clock),
    rateLimiter: new EmbeddedRateLimiter(clock),
    objects: createCosObjectStore({ ...place, endpoint: "127.0.0.1:9" }),
    invoker: {} as ResilientInvoker, // no route calls a function
    clock,
    log,
    settings,
    createTask: createBatcher(store, settings.dispatchWindow),
    jwtSecret: "a secret of more than thirty-two characters",
    allowHttpHosts: [],
  });
  const post = (path: string, body: unknown, ask?: Ask) => send(app, path, body, ask);
  return {
    app,
    post,
    async signUp(email) {
      const answer = await post("/api/v1/auth/register", { email, password: "long enough 密码" });
      return z.object({ token: z.string() }).parse(await answer.json()).token;
    },
    close: () => store.close(),
  };
}

export type Ask = { readonly token?: string; readonly headers?: Record<string, string> };

async function send(
  app: App,
  path: string,
  body: unknown,
  { token, headers = {} }: Ask = {},
): Promise<Response> {
  return app.request(path, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
}

/** The problem document of an answer, checked to be whole and to say nothing of our inside. */
export async function problemOf(answer: Response) {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  const problem = problemSchema.parse(await answer.json());
  expect(problem.status).toBe(answer.status);
  expect(JSON.stringify(problem)).not.toMatch(/sqlite|select |\.ts|node_modules/i);
  return problem;
}

/** A body that only lacks credits. */
export const wish = {
  clothingImages: ["https://example.com/a.jpg"],
  sceneType: "studio",
  stylePreference: "elegant",
  options: { size: "1024x1024", quality: "standard", n: 2 },
};
