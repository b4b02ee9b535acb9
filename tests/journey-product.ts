import { startAllInOne } from "../commands/all-in-one.ts";
import { createLog } from "../core/resilience/log.ts";
import type { FunctionName } from "../core/model/functions.ts";
import {
  changeSettings,
  DEFAULT_TASK_SETTINGS,
  type SettingsChange,
} from "../core/model/task-settings.ts";
import type { ObjectStore } from "../core/ports/cloud.ts";
import type { Store } from "../core/ports/store.ts";
import type { Db } from "../db/connection/db.ts";
import { embeddedConfig } from "../local/embedded-config.ts";
import type { Environment } from "../runtime/config/parse-config.ts";
import type { EmbeddedCloudOptions } from "../runtime/embedded-cloud.ts";
import { system } from "../runtime/system.ts";

/** How the product of a journey is started; the same for one in this process and for one in a process of its own. */
export type ProductOrder = {
  readonly dataDir: string;
  readonly environment: Environment;
  readonly embeddedCloud: Omit<EmbeddedCloudOptions, "dataDir" | "log">;
  readonly settings: readonly SettingsChange[];
};

/** The product as a journey sees it: its address, its cloud's controls, and its database and objects from outside. */
export type JourneyProduct = {
  readonly url: string;
  readonly controlUrl: string;
  readonly providersUrl: string;
  readonly db: Db;
  readonly store: Store;
  readonly objects: ObjectStore;
  /** From now on a call of that function may take so long. */
  limitCalls(name: FunctionName, timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
};

/** Starts it in this process; `write` gets the lines of its log. */
export async function startProductHere(
  order: ProductOrder,
  write: (line: string) => void,
): Promise<JourneyProduct> {
  const { dataDir, embeddedCloud } = order;
  const functionTimeoutMs = changeableLimits(order.settings);
  const product = await startAllInOne(embeddedConfig(dataDir, order.environment), {
    dataDir,
    embeddedCloud,
    log: createLog({ format: "json", level: "all", write, nowMs: system.clock.nowMs }),
    settings: [...order.settings, { calls: { functionTimeoutMs } }],
  });
  const { cloud, db, deps } = product;
  if (cloud === null || cloud.providersUrl === null)
    throw new Error("a journey needs the emulated cloud and its providers");
  return {
    url: product.url,
    controlUrl: cloud.controlUrl,
    providersUrl: cloud.providersUrl,
    db,
    store: deps.store,
    objects: deps.objects,
    async limitCalls(name, timeoutMs) {
      functionTimeoutMs[name] = timeoutMs;
    },
    stop: () => product.stop(),
  };
}

/** The functions' time limits by these settings, in an object of its own that a running product reads at each call. */
export function changeableLimits(
  settings: readonly SettingsChange[],
): Record<FunctionName, number> {
  return { ...changeSettings(DEFAULT_TASK_SETTINGS, ...settings).calls.functionTimeoutMs };
}
