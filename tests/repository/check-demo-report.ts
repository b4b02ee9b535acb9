import { readFileSync, statSync } from "node:fs";
import { z } from "zod";

const reportSchema = z.object({
  taskId: z.string().startsWith("task_"),
  status: z.literal("succeeded"),
  images: z.array(
    z.object({
      path: z.string(),
      width: z.literal(1024),
      height: z.literal(1024),
      bytes: z.number().min(10_000),
      format: z.literal("jpeg"),
      provider: z.literal("preview"),
    }),
  ),
  contactSheet: z.string(),
  prompt: z.object({ zh: z.string().min(10), en: z.string().min(10) }),
  cost: z.object({ held: z.number(), charged: z.number(), refunded: z.literal(0) }),
  ledgerVerified: z.literal(true),
  degradations: z.array(z.unknown()).length(0),
  steps: z.array(z.object({ name: z.string(), ms: z.number() })).min(5),
  totalMs: z.number(),
});

/** Whether a report of `npm run demo -- --json` says, and the files show, that the whole job was done. */
function main([path = "", count = "2"]: readonly string[]): void {
  const report = reportSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  if (report.images.length !== Number(count)) throw new Error(`${report.images.length} images`);
  for (const image of report.images) {
    if (statSync(image.path).size !== image.bytes)
      throw new Error(`${image.path} has another size`);
  }
  if (report.cost.charged !== report.cost.held) throw new Error("not everything was charged");
  process.stdout.write(`✅ demo: ${count} pictures after ${report.totalMs} ms\n`);
}

main(process.argv.slice(2));
