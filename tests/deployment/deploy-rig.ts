import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { createScfDeployment } from "../../cloud/scf-deployment.ts";
import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { FUNCTION_NAMES, type FunctionName } from "../../core/model/functions.ts";
import type { FunctionPlatform } from "../../core/ports/function-platform.ts";
import { startFixtureCloud, type FixtureCloud } from "../../local/cloud-emulator/cloud.fixture.ts";
import { deployFunctions } from "../../scf-functions/deploy/deploy-functions.ts";
import { readDeploySettings } from "../../scf-functions/deploy/deploy-settings.ts";
import { packFunction } from "../../scf-functions/deploy/pack-function.ts";
import { createProgress } from "../../scf-functions/deploy/report-progress.ts";
import { system } from "../../runtime/system.ts";

const NAME = "image-generator";
const cleanups: (() => Promise<unknown>)[] = [];

/** Ends every cloud that was started and removes every bundle: for `afterEach`. */
export async function endDeployRigs(): Promise<void> {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
}

/** A function that passes and tells which code it is and what it was given. */
export const says = (word: string) => `exports.main_handler = async (event, context) => ({
  ok: true, result: { word: ${JSON.stringify(word)}, version: context.function_version, key: process.env.ARK_API_KEY } });`;
export const BROKEN = `exports.main_handler = async () => ({ ok: false, failure: { code: "STORAGE_FAILED", message: "no store" } });`;

type Codes = Partial<Record<FunctionName, string>>;
type DeployChange = { codes?: Codes; environment?: Record<string, string>; planOnly?: boolean };

/** An emulated cloud with nothing deployed, a clock that waits for nothing, and the real SDK between them. */
export async function startDeployRig(options: Parameters<typeof startFixtureCloud>[0] = {}) {
  const cloud = await startFixtureCloud({ empty: true, ...options });
  cleanups.push(() => cloud.close());
  const platform = createScfDeployment({ ...cloud.account, endpoint: cloud.scf.endpoint });
  const objects = createCosObjectStore({
    ...system,
    ...cloud.account,
    endpoint: cloud.cos.endpoint,
  });
  const lines: string[] = [];
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => void (nowMs += ms),
    deadline: (ms: number) => AbortSignal.timeout(ms),
  };
  const deploy = async (change: DeployChange = {}, more: Partial<FunctionPlatform> = {}) => {
    const settings = readDeploySettings({ ...environmentOf(cloud), ...change.environment });
    const packed = await Promise.all(
      FUNCTION_NAMES.map((name) => pack(name, change.codes?.[name])),
    );
    cloud.scf.actions.clear();
    const progress = createProgress((line) => lines.push(line), clock.monotonicMs);
    const limits = { everyMs: 1_000, limitMs: 60_000 };
    const deps = { platform: { ...platform, ...more }, objects, clock, limits, progress };
    const planOnly = change.planOnly === true;
    return await deployFunctions(deps, { settings, packed, planOnly, id: "test" });
  };
  const call = (qualifier = "live", name: FunctionName = NAME): Promise<unknown> => {
    const invoker = createScfInvoker({ ...cloud.account, endpoint: cloud.scf.endpoint, qualifier });
    return invoker.call(name, {}, AbortSignal.timeout(10_000));
  };
  const written = () =>
    cloud.scf.actions
      .entries()
      .filter(({ writes }) => writes)
      .map((entry) => `${entry.action} ${entry.function}`);
  return { cloud, platform, objects, lines, deploy, call, written };
}

function environmentOf(cloud: FixtureCloud): Record<string, string> {
  return {
    NODE_ENV: "development",
    TENCENTCLOUD_SECRET_ID: cloud.account.secretId,
    TENCENTCLOUD_SECRET_KEY: cloud.account.secretKey,
    COS_BUCKET: cloud.account.bucket,
    COS_ENDPOINT: cloud.cos.endpoint,
    PROMPT_API_KEY: "prompt-secret",
    ARK_API_KEY: "ark-secret",
  };
}

/** A bundle of two files, packed. */
export async function pack(name: FunctionName, code = says("first")) {
  const folder = await mkdtemp(join(tmpdir(), "drape-bundle-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "lib"));
  await writeFile(join(folder, "package.json"), '{"type":"commonjs"}');
  await writeFile(join(folder, "lib", "code.js"), code);
  await writeFile(join(folder, "index.js"), 'module.exports = require("./lib/code.js");');
  return { ...(await packFunction({ name, folder }, [])), name };
}
