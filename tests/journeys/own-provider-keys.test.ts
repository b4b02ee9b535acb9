import { afterAll, beforeAll, expect, test } from "bun:test";
import { openJourney, uploadSample, type Journey } from "../journey.ts";
import { providerVariablesOf } from "../../runtime/provider-variables.ts";

let journey: Journey;
const sent: string[] = [];
const provider = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request) {
    sent.push(`${new URL(request.url).pathname} ${request.headers.get("authorization")}`);
    return Response.json(
      { error: { code: "AuthenticationError", message: "no" } },
      { status: 401 },
    );
  },
});
beforeAll(async () => {
  const variables = {
    ARK_API_KEY: "ark-key-of-mine",
    ARK_BASE_URL: `http://127.0.0.1:${provider.port}/api/v3`,
    PROMPT_API_KEY: "__SET_ME__",
  };
  journey = await openJourney({ extraFunctionEnv: providerVariablesOf(variables) });
}, 60_000);
afterAll(async () => {
  await journey.close();
  await provider.stop(true);
});

test("a start that brings the emulated cloud calls the provider whose key is set, and emulates the others", async () => {
  const client = await journey.customer(100);
  const photo = await uploadSample(client);

  const task = await client.createTask({
    clothingImages: [photo],
    sceneType: "indoor",
    stylePreference: "modern",
    options: { size: "1024x1024", quality: "standard", n: 1 },
  });

  for await (const _ of client.follow(task.id)) if (sent.length > 0) break;
  await client.cancelTask(task.id);
  const { result } = await client.readTask(task.id);
  expect(sent[0]).toBe("/api/v3/images/generations Bearer ark-key-of-mine");
  expect(result?.prompt?.en).toContain("indoor");
}, 60_000);
