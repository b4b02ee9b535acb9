import { expect } from "bun:test";
import { z } from "zod";
import { createFunctionPauses } from "../core/invocation/function-pauses.ts";
import { migrate } from "../db/migrations/migrate.ts";
import { openDatabase } from "../db/connection/open.ts";
import type { Db } from "../db/connection/db.ts";
import { setRole } from "../db/users/set-role.ts";
import { createApp, type App } from "../api/app.ts";
import type { ApiDeps } from "../api/context.ts";
import { system } from "../runtime/system.ts";
import { realDeps } from "./app-deps.ts";

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
  readonly db: Db;
  readonly deps: ApiDeps;
  signUp(email: string): Promise<string>;
  /** The token of a new administrator. */
  signUpAdmin(email: string): Promise<string>;
  get(path: string, token?: string): Promise<Response>;
  post(path: string, body: unknown, sending?: Sending): Promise<Response>;
  close(): Promise<void>;
};

const PASSWORD = "long enough 密码";
const tokenSchema = z.object({ token: z.string() });

/**
 * The real app on a database in memory; its object store is never reached, its functions never called. `change` puts
 * scripted ports in the place of the real ones.
 */
export async function openTestApp(change?: (deps: ApiDeps) => Partial<ApiDeps>): Promise<TestApp> {
  const db = await openDatabase("sqlite::memory:", system);
  await migrate(db.kysely);
  const real = realDeps(db);
  const parts = { ...real, ...change?.(real) };
  // They are read from the store that was put in, as they are in the product.
  const deps = { ...parts, functionPauses: createFunctionPauses(parts) };
  const app = createApp(deps);
  const post = (path: string, body: unknown, sending?: Sending) => send(app, path, body, sending);
  const tokenFrom = async (path: string, email: string) => {
    const answer = await post(`/api/v1/auth/${path}`, { email, password: PASSWORD });
    return tokenSchema.parse(await answer.json()).token;
  };
  return {
    app,
    db,
    deps,
    post,
    get: async (path, token) =>
      app.request(
        path,
        token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } },
      ),
    signUp: (email) => tokenFrom("register", email),
    async signUpAdmin(email) {
      await tokenFrom("register", email);
      await setRole(db, { email, role: "admin", actor: "system" });
      return tokenFrom("login", email);
    },
    close: () => real.store.close(),
  };
}

export type Sending = { readonly token?: string; readonly headers?: Record<string, string> };

async function send(
  app: App,
  path: string,
  body: unknown,
  { token, headers = {} }: Sending = {},
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
export const fullBody = {
  clothingImages: ["https://example.com/a.jpg"],
  sceneType: "studio",
  stylePreference: "elegant",
  options: { size: "1024x1024", quality: "standard", n: 2 },
};
