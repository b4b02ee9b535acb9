import { z } from "zod";
import { startApi } from "../../api/start-api.ts";
import { FAILPOINTS } from "../../core/ports/failpoints.ts";
import { apiOptionsOf } from "../../runtime/api-options.ts";
import { createSharedDeps } from "../../runtime/create-shared-deps.ts";
import { runProcess } from "../../runtime/run-process.ts";
import { startWorker } from "../../worker/worker.ts";
import { RIG_SETTINGS } from "./rig-settings.ts";

/** What one process of the rig is told by `DRAPE_RIG`. */
const orderSchema = z.object({
  /** Die the first time that this moment is passed, after `skip` passes. */
  failpoint: z.enum(FAILPOINTS).optional(),
  skip: z.number().int().default(0),
  /** This process's clock is wrong by so much. */
  skewMs: z.number().int().default(0),
  /** How long SIGUSR2 blocks the event loop. */
  blockMs: z.number().int().default(4_000),
});

const STOP_GRACE_MS = 5_000;
const role = z.enum(["api", "worker"]).parse(process.argv[2]);
const order = orderSchema.parse(JSON.parse(process.env["DRAPE_RIG"] ?? "{}"));

if (order.skewMs !== 0) {
  const True = Date;
  globalThis.Date = class extends True {
    constructor(...args: readonly unknown[]) {
      // Without arguments it is now, and now is wrong; with some it is whatever they say.
      if (args.length === 0) super(True.now() + order.skewMs);
      else super(...(args as [string]));
    }
    static override now(): number {
      return True.now() + order.skewMs;
    }
  } as DateConstructor;
}
process.on("SIGUSR2", () => {
  const endsMs = performance.now() + order.blockMs;
  while (performance.now() < endsMs);
});

/** The product's own parts, composed as its mains do, with a hand on the moments at which a process may die. */
runProcess(`start:${role}`, async ({ config, log }) => {
  let passes = 0;
  const failpoint = (point: string) => {
    if (point !== order.failpoint) return;
    passes += 1;
    if (passes > order.skip) process.kill(process.pid, "SIGKILL");
  };
  const opened = await createSharedDeps(`start:${role}`, config, log, {
    settings: [RIG_SETTINGS],
    consumer: { lockMs: 2_000, stalledCheckMs: 1_000 },
    failpoint,
  });
  const { deps, consumer, close } = opened;
  if (role === "worker") {
    const worker = startWorker({ ...deps, consumer }, config.WORKER_CONCURRENCY);
    return {
      async stop() {
        await worker.stop(STOP_GRACE_MS);
        await close();
      },
    };
  }
  const api = await startApi(deps, apiOptionsOf(config));
  log.start("api is listening", { url: api.url });
  return {
    async stop() {
      await api.stop(STOP_GRACE_MS);
      await close();
    },
  };
});
