import { randomBytes } from "node:crypto";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Log } from "../../core/ports/log.ts";
import { buildFunctions } from "../../scf-functions/deploy/build-functions.ts";
import { startLoopbackCloud, type LoopbackCloud } from "./start-loopback-cloud.ts";

export type Keys = { readonly secretId: string; readonly secretKey: string };

/** Where the functions and objects are, and the keys to them. */
export type CloudAccess = Keys & {
  readonly region: string;
  readonly bucket: string;
  readonly namespace: string;
  /** The alias or version that is invoked; the platform's default when absent. */
  readonly qualifier?: string;
  /** `127.0.0.1:port` of the loopback cloud; absent for Tencent's own. */
  readonly scfEndpoint?: string;
  readonly cosEndpoint?: string;
  readonly moderationEndpoint?: string;
};

export type LocalCloudOptions = {
  /** Bundles, objects and scratch folders go here. */
  readonly dataDir: string;
  readonly log: Log;
  /** `host:port` list of plain http photo servers that may be read. */
  readonly imageSourceAllow?: string;
  readonly extraFunctionEnv?: Record<string, string>;
  readonly timeLimitsMs?: Record<string, number>;
  readonly instancesMax?: Record<string, number>;
  /** How often a function's change is looked at until it is there. */
  readonly settleLooks?: number;
  /** Keys that the product uses, when they shall differ from those that the loopback cloud knows. */
  readonly productKeys?: Partial<Keys>;
  /** Ready bundles, `<function>/index.js` each; built from the sources when absent. */
  readonly functionsDir?: string;
};

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const REGION = "ap-guangzhou";
const BUCKET = "drape-1250000000";
const NAMESPACE = "default";

/** Starts a loopback cloud with keys of its own and tells how to reach it. */
export async function startLocalCloud(
  options: LocalCloudOptions,
): Promise<{ access: CloudAccess; cloud: LoopbackCloud }> {
  const keys = { secretId: "AKIDloopback", secretKey: randomBytes(24).toString("hex") };
  const cloud = await startCloud(options, keys);
  const { scfEndpoint, cosEndpoint, moderationEndpoint } = cloud;
  const place = { region: REGION, bucket: BUCKET, namespace: NAMESPACE };
  const endpoints = { scfEndpoint, cosEndpoint, moderationEndpoint };
  return { access: { ...place, ...endpoints, ...keys, ...options.productKeys }, cloud };
}

async function startCloud(options: LocalCloudOptions, keys: Keys): Promise<LoopbackCloud> {
  const { dataDir, log } = options;
  const functionsDir = options.functionsDir ?? (await build(dataDir));
  return startLoopbackCloud({
    ...keys,
    region: REGION,
    namespace: NAMESPACE,
    bucket: BUCKET,
    dataDir: join(dataDir, "cloud"),
    functionsDir,
    providerStandIns: true,
    ...given("imageSourceAllow", options.imageSourceAllow),
    ...given("extraFunctionEnv", options.extraFunctionEnv),
    ...given("timeLimitsMs", options.timeLimitsMs),
    ...given("instancesMax", options.instancesMax),
    ...given("settleLooks", options.settleLooks),
    onLog: (line) => log.info(`cloud: ${line}`),
  });
}

async function build(dataDir: string): Promise<string> {
  const functionsDir = join(dataDir, "functions");
  await buildFunctions(functionsDir);
  // The bundles leave sharp outside: it is found through this link, as through the package's own folder.
  const link = join(dataDir, "node_modules");
  if (!existsSync(link)) symlinkSync(join(PROJECT, "node_modules"), link, "dir");
  return functionsDir;
}

/** A member only when there is a value: an absent option and `undefined` are not the same here. */
function given<N extends string, V>(name: N, value: V | undefined): { [K in N]?: V } {
  return value === undefined ? {} : ({ [name]: value } as { [K in N]?: V }); // one member, of that name
}
