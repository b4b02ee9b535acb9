import { afterAll, beforeAll, expect, test } from "bun:test";
import type { DemoClient } from "../../local/demo/demo-client.ts";
import { generation, openJourney, untilEnded, uploadSample, type Journey } from "../journey.ts";

let journey: Journey;
let client: DemoClient;
let photo = "";
beforeAll(async () => {
  journey = await openJourney({
    extraFunctionEnv: { PROMPT_PROVIDERS: "tokenhub,ark", IMAGE_PROVIDERS: "ark,openai" },
  });
  client = await journey.customer(100);
  photo = await uploadSample(client);
});
afterAll(async () => {
  expect(await journey.broken()).toEqual([]);
  await journey.close();
});

test("both first providers are out: the second ones deliver, the customer pays and is told", async () => {
  const addFault = (route: string, error: string) =>
    journey.providers("POST", "/control/faults", { route, error, times: 100 });
  await addFault("chat.tokenhub", "service_unavailable");
  await addFault("images.ark", "AccountOverdueError");

  const created = await client.createTask(generation([photo], 2));
  const ended = await untilEnded(client, created.id);

  expect([ended.status, ended.result?.images.length]).toEqual(["succeeded", 2]);
  expect(ended.cost).toEqual({ held: 22, charged: 22, refunded: 0 });
  const images = { step: "generate", reason: "PROVIDER_UNPAID", creditsReturned: 0 };
  const usedInstead = "images by openai instead of ark";
  const inOrder = ended.degradations.toSorted((a, b) => b.step.localeCompare(a.step));
  expect(inOrder).toEqual([
    {
      step: "prompt",
      index: 0,
      reason: "PROVIDER_FAILED",
      usedInstead: "the prompt by ark instead of tokenhub",
      creditsReturned: 0,
    },
    { ...images, index: 0, usedInstead },
    { ...images, index: 1, usedInstead },
  ]);
  const loud = journey.lines.filter((line) => line.includes("openai helps out for ark"));
  expect(loud).toHaveLength(1);
  expect(loud[0]).toContain("AccountOverdueError");
  expect(JSON.stringify(ended)).not.toContain("AccountOverdueError");
});
