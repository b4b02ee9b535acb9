import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { generation, openJourney, uploadSample, type Journey } from "../journey.ts";
import { onEachStack } from "../stacks.ts";
import { until } from "../until.ts";

onEachStack((stack) => {
  describe(`on ${stack.name}`, () => {
    let journey: Journey;
    beforeAll(async () => {
      journey = await openJourney({
        environment: await stack.environment(),
        productKeys: { secretKey: "not-the-key" },
      });
    });
    afterAll(() => journey.close());

    describe("keys that the cloud refuses", () => {
      test("a wrong secret key pauses the task; the log names the variable, the customer does not read it", async () => {
        const client = await journey.customer(100);
        const url = journey.objects.objectUrl(`u/${client.userId}/up/a.jpg`);

        const created = await client.createTask(generation([url], 1));
        await until(async () => (await journey.store.tasks.find(created.id))?.error !== null);
        const task = await client.readTask(created.id);

        const loud = journey.lines.filter((line) => line.includes("is paused"));
        expect(loud).toHaveLength(1);
        expect(loud[0]).toContain("TENCENTCLOUD_SECRET_KEY");
        expect(loud[0]).toContain("AuthFailure.SignatureFailure");
        expect([task.status, task.attempts, task.error?.code]).toEqual([
          "queued",
          0,
          "FUNCTION_CREDENTIALS",
        ]);
        expect(JSON.stringify(task)).not.toContain("TENCENTCLOUD");
        expect(await journey.broken()).toEqual([]);
      });

      test("a form signed with a wrong key is refused by the store with 403", async () => {
        const client = await journey.customer(100);

        await expect(uploadSample(client)).rejects.toThrow("403");
      });
    });
  });
});
