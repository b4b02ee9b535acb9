import { describe, expect, test } from "bun:test";
import { EmbeddedProcessRegistry } from "../../redis/embedded-process-registry.ts";
import type { FunctionHealth } from "./function-client.ts";
import {
  FUNCTION_HEALTH_LIFE_MS,
  FUNCTION_HEALTH_TOPIC,
  publishFunctionHealth,
  readFunctionHealth,
} from "./function-health.ts";
import type { ResilientInvoker } from "./resilient-invoker.ts";

const healthy: FunctionHealth = {
  circuit: "closed",
  lastError: null,
  lastLatencyMs: 20,
  rateWaitMs: 0,
};

/** A worker that finds all functions as `health` says. */
function worker(
  registry: EmbeddedProcessRegistry,
  id: string,
  health: FunctionHealth,
): Promise<void> {
  const invoker: Pick<ResilientInvoker, "health"> = { health: () => health };
  return publishFunctionHealth({ registry, invoker: invoker as ResilientInvoker }, id);
}

describe("the functions as the workers find them", () => {
  test("nobody has spoken: no worker and no word", async () => {
    const registry = new EmbeddedProcessRegistry({ nowMs: Date.now });

    const said = await readFunctionHealth({ registry });

    expect(said["image-generator"]).toEqual({ workers: 0, worst: null, rateWaitMs: 0 });
  });

  test("the worst of all workers is told: open before half-open before closed", async () => {
    const registry = new EmbeddedProcessRegistry({ nowMs: Date.now });
    const open: FunctionHealth = {
      circuit: "open",
      lastError: "PROVIDER_FAILED",
      lastLatencyMs: 9,
      rateWaitMs: 7_000,
    };

    await worker(registry, "wkr_a", healthy);
    await worker(registry, "wkr_b", { ...open, circuit: "half-open" });
    const two = await readFunctionHealth({ registry });
    await worker(registry, "wkr_c", open);
    const three = await readFunctionHealth({ registry });

    expect(two["prompt-generator"]).toEqual({
      workers: 2,
      worst: { ...open, circuit: "half-open" },
      rateWaitMs: 7_000,
    });
    expect(three["prompt-generator"]).toEqual({ workers: 3, worst: open, rateWaitMs: 7_000 });
  });

  test("a worker that has died is forgotten, and what cannot be read counts as not said", async () => {
    let nowMs = 1_000;
    const registry = new EmbeddedProcessRegistry({ nowMs: () => nowMs });
    await worker(registry, "wkr_a", { ...healthy, circuit: "open" });
    nowMs += FUNCTION_HEALTH_LIFE_MS;
    await worker(registry, "wkr_b", healthy);
    for (const [index, odd] of ["{ no", "[]", '{"image-generator":{"circuit":"new"}}'].entries()) {
      await registry.post(FUNCTION_HEALTH_TOPIC, `wkr_odd${index}`, odd, 1_000);
    }

    const said = await readFunctionHealth({ registry });

    expect(said["image-generator"]).toEqual({ workers: 1, worst: healthy, rateWaitMs: 0 });
  });
});
