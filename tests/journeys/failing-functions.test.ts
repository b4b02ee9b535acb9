import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { FUNCTION_NAMES, type FunctionName } from "../../core/model/functions.ts";
import { DEFAULT_TASK_SETTINGS } from "../../core/model/task-settings.ts";
import type { DemoClient, DemoTask } from "../../local/demo/demo-client.ts";
import { generation, openJourney, untilEnded, uploadSample, type Journey } from "../journey.ts";
import { onEachStack } from "../stacks.ts";
import { until } from "../until.ts";

const FAILING_LIMIT_MS = 300;

onEachStack((stack) => {
  describe(`on ${stack.name}`, () => {
    let journey: Journey;
    let client: DemoClient;
    let photo = "";
    beforeAll(async () => {
      journey = await openJourney(
        { environment: await stack.environment() },
        { calls: { functionGraceMs: 100 }, circuits: { circuitResetMs: 300 } },
      );
    });
    // A prompt that was written for a customer's photo is not asked for again.
    beforeEach(newcomer);
    afterAll(async () => {
      expect(await journey.broken()).toEqual([]);
      await journey.close();
    });

    async function newcomer() {
      client = await journey.customer(200);
      photo = await uploadSample(client);
    }

    /** An answer of status 500 leaves open whether the function ran, and is waited out: its limit is short meanwhile. */
    async function whileFailing(
      name: FunctionName,
      action: string | undefined,
      n = 1,
    ): Promise<DemoTask> {
      // The image processor does one act while the other fails, and takes the time that it needs.
      if (action === undefined) await journey.limitCalls(name, FAILING_LIMIT_MS);
      const fault = { function: name, kind: "status", status: 500, times: 0 };
      await journey.control("POST", "/control/scf/faults", {
        ...fault,
        ...(action === undefined ? {} : { action }),
      });
      const created = await client.createTask(generation([photo], n));
      const task = await untilEnded(client, created.id);
      await journey.control("DELETE", "/control/scf/faults");
      await journey.limitCalls(name, DEFAULT_TASK_SETTINGS.calls.functionTimeoutMs[name]);
      return task;
    }

    const degradedSteps = (task: DemoTask) => task.degradations.map(({ step }) => step);

    describe("a function that answers 500", () => {
      test("preprocess: succeeded with the original photo, its price returned", async () => {
        const task = await whileFailing("ai-image-processor", "preprocess");

        expect([task.status, degradedSteps(task)]).toEqual(["succeeded", ["preprocess"]]);
        expect(task.degradations[0]?.usedInstead).toBe("the original photo");
        expect(task.cost).toEqual({ held: 12, charged: 11, refunded: 1 });
      });

      test("prompt: succeeded with a template, the prompt's price returned", async () => {
        const task = await whileFailing("prompt-generator", undefined);

        expect([task.status, degradedSteps(task)]).toEqual(["succeeded", ["prompt"]]);
        expect(task.cost).toEqual({ held: 12, charged: 11, refunded: 1 });
        expect(task.result?.prompt?.zh).toContain("摄影棚");
      });

      test("images: failed, everything returned", async () => {
        const task = await whileFailing("image-generator", undefined, 2);

        const inDoubt: unknown[] = [];
        for await (const { data } of client.follow(task.id)) {
          if ((data as { state?: string }).state === "in-doubt") inDoubt.push(data);
        }
        expect([task.status, task.error?.code]).toEqual(["failed", "FUNCTION_FAILED"]);
        expect(task.cost).toEqual({ held: 22, charged: 0, refunded: 22 });
        // Until when each is waited for is told, since that may take minutes.
        const event = { step: "generate", until: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/) };
        expect(inDoubt).toContainEqual(expect.objectContaining({ ...event, index: 1 }));
      });

      test("post-process: succeeded with the image as it was generated", async () => {
        const task = await whileFailing("ai-image-processor", "postprocess");

        expect([task.status, degradedSteps(task)]).toEqual(["succeeded", ["postprocess"]]);
        expect(task.cost).toEqual({ held: 12, charged: 12, refunded: 0 });
        expect(task.result?.images).toHaveLength(1);
      });
    });

    describe("a function that is not deployed", () => {
      for (const name of FUNCTION_NAMES) {
        test(`${name}: the task waits, spends no attempt, and ends once it is put back`, async () => {
          await journey.control("DELETE", `/control/scf/functions/${name}`);
          const created = await client.createTask(generation([photo], 1));
          await until(async () =>
            journey.lines.some((line) => line.includes(`function ${name} is paused`)),
          );
          await until(async () => (await journey.store.tasks.find(created.id))?.error !== null);
          const waiting = await client.readTask(created.id);

          await journey.control("PUT", `/control/scf/functions/${name}`);
          const task = await untilEnded(client, created.id);

          expect([waiting.status, waiting.attempts]).toEqual(["queued", 0]);
          // Which function is missing is the operator's to read.
          expect(waiting.error?.message).toStartWith("This is not available for now");
          expect(journey.lines.join("\n")).toContain(`function ${name} is paused`);
          expect([task.status, task.attempts, task.cost.charged]).toEqual(["succeeded", 1, 12]);
          expect(await journey.store.settings.get(`pause:${name}`)).toBeNull();
          expect(
            journey.lines.filter((line) => line.includes(`function ${name} is paused`)),
          ).toHaveLength(1);
        });
      }
    });
  });
});
