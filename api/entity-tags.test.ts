import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createOne, newCustomer } from "../core/ports/contracts/store.fixture.ts";
import { openTestApp, type TestApp } from "../tests/test-app.ts";
import { issueToken } from "./sign-in/tokens.ts";

let app: TestApp;
let token = "";
const paths: string[] = ["/api/v1/scenes"];
beforeAll(async () => {
  app = await openTestApp();
  const userId = await newCustomer(app.deps.store, 100);
  token = issueToken(app.deps.jwtSecret, { userId, role: "customer" }, app.deps.clock.nowMs());
  paths.push(
    `/api/v1/ai-generation/tasks/${await createOne(app.deps.store, { userId, held: 10 })}`,
  );
});
afterAll(() => app.close());

async function statusWith(path: string, ifNoneMatch: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}`, "if-none-match": ifNoneMatch };
  return (await app.app.request(path, { headers })).status;
}

describe("If-None-Match", () => {
  test("is compared weakly, as a list and as *, on every route that gives an ETag", async () => {
    for (const path of paths) {
      const etag = (await app.get(path, token)).headers.get("etag") ?? "none";
      for (const known of [
        etag,
        `W/${etag}`,
        `"a", W/${etag} , "b"`,
        `"a,b",${etag}`,
        "*",
        " * ",
      ]) {
        expect([path, known, await statusWith(path, known)]).toEqual([path, known, 304]);
      }
      for (const other of ['"a"', `W/"a"`, `"x${etag.slice(1)}`, "", etag.slice(1, -1), `"*"`]) {
        expect([path, other, await statusWith(path, other)]).toEqual([path, other, 200]);
      }
    }
  });
});
