import { createInterface } from "node:readline";
import { z } from "zod";
import { startAllInOne } from "../commands/all-in-one.ts";
import { FUNCTION_NAMES } from "../core/model/functions.ts";
import { createLog } from "../core/resilience/log.ts";
import { embeddedConfig } from "../local/embedded-config.ts";
import { system } from "../runtime/system.ts";
import { changeableLimits, type ProductOrder } from "./journey-product.ts";
import { LIMITED, type ReadyProduct } from "./journey-on-node.ts";

const limitSchema = z.object({ name: z.enum(FUNCTION_NAMES), timeoutMs: z.number() });

/**
 * The product as a process that a journey drives from outside. The first line of stdin says how to start it, each later
 * one changes a function's limit, and it stops when stdin ends, which also happens when the test dies.
 */
async function main(): Promise<void> {
  const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { value: first = "" } = await lines.next();
  const order = JSON.parse(first) as ProductOrder; // what journey-on-node.ts wrote
  const functionTimeoutMs = changeableLimits(order.settings);
  const write = (line: string) => void process.stdout.write(`${line}\n`);
  const product = await startAllInOne(embeddedConfig(order.dataDir, order.environment), {
    dataDir: order.dataDir,
    embeddedCloud: order.embeddedCloud,
    log: createLog({ format: "json", level: "all", write, nowMs: system.clock.nowMs }),
    settings: [...order.settings, { calls: { functionTimeoutMs } }],
  });
  const { url, cloud, handed } = product;
  const { controlUrl = "", providersUrl = "" } = cloud ?? {};
  const ready: ReadyProduct = { ready: true, url, controlUrl, providersUrl, cloud: handed.cloud };
  write(JSON.stringify(ready));
  for await (const line of lines) {
    const { name, timeoutMs } = limitSchema.parse(JSON.parse(line));
    functionTimeoutMs[name] = timeoutMs;
    write(LIMITED);
  }
  await product.stop();
}

await main();
process.exit(0);
