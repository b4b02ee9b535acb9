import { randomBytes } from "node:crypto";
import { existsSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { CloudAccess, Keys } from "../../runtime/cloud-access.ts";
import type { EmbeddedCloudOptions } from "../../runtime/embedded-cloud.ts";
import { buildFunctions } from "../../scf-functions/deploy/build-functions.ts";
import { startEmulatedCloud, type EmulatedCloud } from "./start-emulated-cloud.ts";

const PROJECT = fileURLToPath(new URL("../..", import.meta.url));
const REGION = "ap-guangzhou";
const BUCKET = "drape-1250000000";
const NAMESPACE = "default";

/** Starts an emulated cloud with keys of its own and tells how to reach it. */
export async function startLocalCloud(
  options: EmbeddedCloudOptions,
): Promise<{ access: CloudAccess; cloud: EmulatedCloud }> {
  const keys = { secretId: "AKIDloopback", secretKey: randomBytes(24).toString("hex") };
  const cloud = await startCloud(options, keys);
  const { scfEndpoint, cosEndpoint, moderationEndpoint } = cloud;
  const target = { region: REGION, bucket: BUCKET, namespace: NAMESPACE };
  const endpoints = { scfEndpoint, cosEndpoint, moderationEndpoint };
  return { access: { ...target, ...endpoints, ...keys, ...options.productKeys }, cloud };
}

async function startCloud(options: EmbeddedCloudOptions, keys: Keys): Promise<EmulatedCloud> {
  const { dataDir, log } = options;
  const functionsDir = options.functionsDir ?? (await build(dataDir));
  return startEmulatedCloud({
    ...keys,
    region: REGION,
    namespace: NAMESPACE,
    bucket: BUCKET,
    dataDir: join(dataDir, "cloud"),
    functionsDir,
    providerEmulators: true,
    ...given("imageSourceAllow", options.imageSourceAllow),
    ...given("extraFunctionEnv", options.extraFunctionEnv),
    ...given("timeLimitsMs", options.timeLimitsMs),
    ...given("instancesMax", options.instancesMax),
    ...given("pendingPolls", options.pendingPolls),
    ...given("plainPictures", options.plainPictures),
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
