import { spawn } from "node:child_process";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createCosObjectStore } from "../cloud/cos-object-store.ts";
import { openDatabase } from "../db/connection/open.ts";
import { createStore } from "../db/store.ts";
import { embeddedConfig } from "../local/embedded-config.ts";
import type { CloudAccess } from "../runtime/cloud-access.ts";
import { system } from "../runtime/system.ts";
import type { JourneyProduct, ProductOrder } from "./journey-product.ts";
import { PROGRAMS } from "./runtimes.ts";

/** The line by which journey-process.ts says where it is. */
export type ReadyProduct = {
  readonly ready: true;
  readonly url: string;
  readonly controlUrl: string;
  readonly providersUrl: string | null;
  readonly cloud: CloudAccess;
};

/** The line by which it says that a new limit is in force. */
export const LIMITED = '{"limited":true}';

/** Starts it as a process on Node; its database and its objects are opened from here as well. */
export async function startProductOnNode(
  order: ProductOrder,
  write: (line: string) => void,
): Promise<JourneyProduct> {
  const child = spawn(PROGRAMS.node, [join(import.meta.dir, "journey-process.ts")], {
    env: { PATH: process.env["PATH"] ?? "", no_proxy: "127.0.0.1", NODE_ENV: "test" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = new Promise<void>((done) => {
    child.once("close", () => done());
  });
  const taken: (() => void)[] = [];
  const reported = Promise.withResolvers<ReadyProduct>();
  createInterface({ input: child.stdout }).on("line", (line) => {
    if (line.startsWith('{"ready":')) reported.resolve(JSON.parse(line));
    else if (line === LIMITED) taken.shift()?.();
    else write(line);
  });
  void ended.then(() => reported.reject(new Error("the product ended before it was ready")));
  child.stdin.write(`${JSON.stringify(order)}\n`);
  const { url, controlUrl, providersUrl, cloud } = await reported.promise;
  const config = embeddedConfig(order.dataDir, order.environment);
  const db = await openDatabase(config.DATABASE_URL, system);
  const { cosEndpoint = "", ...claim } = cloud;
  return {
    url,
    controlUrl,
    providersUrl: providersUrl ?? "",
    db,
    store: createStore(db),
    objects: createCosObjectStore({ ...system, ...claim, endpoint: cosEndpoint }),
    limitCalls(name, timeoutMs) {
      child.stdin.write(`${JSON.stringify({ name, timeoutMs })}\n`);
      return new Promise((done) => taken.push(done));
    },
    async stop() {
      await db.close();
      child.stdin.end();
      await ended;
    },
  };
}
