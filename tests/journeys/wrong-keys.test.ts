import { afterEach, describe, expect, test } from "bun:test";
import { generation, openJourney, uploadSample, type Journey } from "../journey.ts";
import { onEachStack } from "../stacks.ts";
import { until } from "../until.ts";

onEachStack((stack) => {
  describe(`on ${stack.name}`, () => {
    let journey: Journey;
    afterEach(() => journey.close());

    describe("keys that the cloud refuses", () => {
      test("a wrong secret key pauses the task; the log names the variable, the customer does not read it", async () => {
        journey = await openJourney({
          environment: await stack.environment(),
          productKeys: { secretKey: "not-the-key" },
        });
        const client = await journey.customer(100);
        const url = journey.product.deps.objects.objectUrl(`u/${client.userId}/up/a.jpg`);

        const created = await client.createTask(generation([url], 1));
        await until(
          async () => (await journey.product.deps.store.tasks.find(created.id))?.error !== null,
        );
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
      }, 60_000);

      test("a form signed with a wrong key is refused by the store with 403", async () => {
        journey = await openJourney({
          environment: await stack.environment(),
          productKeys: { secretKey: "not-the-key" },
        });
        const client = await journey.customer(100);

        expect(uploadSample(client)).rejects.toThrow("403");
      }, 60_000);
    });
  });
});
