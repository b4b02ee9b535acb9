import { afterAll, beforeAll, expect, test } from "bun:test";
import { z } from "zod";
import { openJourney, type Journey } from "../journey.ts";
import { send } from "../send.ts";

const sessionSchema = z.object({ user: z.object({ id: z.string(), email: z.null() }) });

let journey: Journey;
beforeAll(async () => {
  journey = await openJourney();
});
afterAll(() => journey.close());

test("in development dev-<name> signs in by WeChat, and nothing that WeChat keeps secret is in the log", async () => {
  const url = `${journey.url}/api/v1/auth/wechat`;

  const answers = [];
  for (const code of ["dev-anna", "dev-anna", "dev-bert"]) {
    answers.push(sessionSchema.parse(await send(url, "POST", { code })));
  }

  const [anna, again, bert] = answers.map(({ user }) => user.id);
  expect([again === anna, bert === anna]).toEqual([true, false]);
  expect(journey.lines.join("\n")).not.toMatch(/session_key|js_code|dev-anna/);
});
