import { afterEach, describe, expect, test } from "bun:test";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { createScfDeployment } from "../../cloud/scf-deployment.ts";
import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { FUNCTION_NAMES, type FunctionName } from "../../core/functions.ts";
import type { FunctionPlatform } from "../../core/ports/function-platform.ts";
import { startFixtureCloud, type FixtureCloud } from "../../local/loopback/fixture-cloud.ts";
import { deployFunctions } from "./deploy-functions.ts";
import { readDeploySettings } from "./deploy-settings.ts";
import { packFunction } from "./pack-function.ts";
import { createProgress } from "./report-progress.ts";

const NAME = "image-generator";
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

/** A function that passes and tells which code it is and what it was given. */
const says = (word: string) => `exports.main_handler = async (event, context) => ({
  ok: true, result: { word: ${JSON.stringify(word)}, version: context.function_version, key: process.env.ARK_API_KEY } });`;
const BROKEN = `exports.main_handler = async () => ({ ok: false, failure: { code: "STORAGE_FAILED", message: "no store" } });`;

type Codes = Partial<Record<FunctionName, string>>;
type Wish = { codes?: Codes; environment?: Record<string, string>; planOnly?: boolean };

async function start(options: Parameters<typeof startFixtureCloud>[0] = {}) {
  const cloud = await startFixtureCloud({ empty: true, ...options });
  cleanups.push(() => cloud.close());
  const platform = createScfDeployment({ ...cloud.account, endpoint: cloud.scf.endpoint });
  const objects = createCosObjectStore({ ...cloud.account, endpoint: cloud.cos.endpoint });
  const lines: string[] = [];
  let nowMs = 0;
  const clock = {
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    sleep: async (ms: number) => void (nowMs += ms),
  };
  const deploy = async (wish: Wish = {}, more: Partial<FunctionPlatform> = {}) => {
    const settings = readDeploySettings({ ...environmentOf(cloud), ...wish.environment });
    const packed = await Promise.all(FUNCTION_NAMES.map((name) => pack(name, wish.codes?.[name])));
    cloud.scf.actions.clear();
    const progress = createProgress((line) => lines.push(line), clock.monotonicMs);
    const limits = { everyMs: 1_000, limitMs: 60_000 };
    const deps = { platform: { ...platform, ...more }, objects, clock, limits, progress };
    const planOnly = wish.planOnly === true;
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

async function pack(name: FunctionName, code = says("first")) {
  const folder = await mkdtemp(join(tmpdir(), "drape-bundle-"));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, "lib"));
  await writeFile(join(folder, "package.json"), '{"type":"commonjs"}');
  await writeFile(join(folder, "lib", "code.js"), code);
  await writeFile(join(folder, "index.js"), 'module.exports = require("./lib/code.js");');
  return { ...(await packFunction({ name, folder }, [])), name };
}

describe("a deployment", () => {
  test("into an empty cloud: every function answers by its alias", async () => {
    const { deploy, call } = await start();

    const { moved } = await deploy();

    expect(moved).toEqual({ "ai-image-processor": "1", "prompt-generator": "1", [NAME]: "1" });
    for (const name of FUNCTION_NAMES) {
      expect(await call("live", name)).toMatchObject({ result: { word: "first", version: "1" } });
    }
  });

  test("again with nothing new: nothing is written, and that is said", async () => {
    const { deploy, written, lines } = await start();
    await deploy();
    lines.length = 0;

    const { plans } = await deploy();

    expect(written()).toEqual([]);
    expect(plans.flatMap(({ steps }) => steps)).toEqual([]);
    expect(lines).toContain(`📊 ${NAME}: nothing to change`);
  });

  test("with one function's code changed: that one gets a version, the others are left alone", async () => {
    const { deploy, call, written } = await start();
    await deploy();

    await deploy({ codes: { [NAME]: says("second") } });

    expect(new Set(written().map((entry) => entry.split(" ")[1]))).toEqual(new Set([NAME]));
    expect(await call()).toMatchObject({ result: { word: "second", version: "2" } });
    expect(await call("1")).toMatchObject({ result: { word: "first" } });
  });

  test("with a secret changed: a version with the new one, and neither value is printed", async () => {
    const { deploy, call, lines } = await start();
    await deploy();

    await deploy({ environment: { ARK_API_KEY: "ark-other" } });

    expect(await call()).toMatchObject({ result: { key: "ark-other", version: "2" } });
    expect(lines.join("\n")).toContain("ARK_API_KEY changed (secret)");
    expect(lines.join("\n")).not.toMatch(/ark-other|ark-secret|fixture-secret/);
  });

  test("back to what an older version is: the alias moves there, and nothing is published", async () => {
    const { deploy, call, written } = await start();
    await deploy();
    await deploy({ codes: { [NAME]: says("second") } });

    const { moved } = await deploy();

    expect(moved).toEqual({ [NAME]: "1" });
    expect(written()).not.toContain(`PublishVersion ${NAME}`);
    expect(await call("$LATEST")).toMatchObject({ result: { word: "first" } });
  });

  test("that is only planned: says what would change, writes nothing, uploads nothing", async () => {
    const { deploy, written, objects, lines } = await start();

    const { plans } = await deploy({ planOnly: true });

    expect(written()).toEqual([]);
    expect(plans.map(({ steps }) => steps)).toEqual(
      FUNCTION_NAMES.map(() => ["create", "publish", "move alias"]),
    );
    const { key } = await pack(NAME);
    expect(await objects.head(key)).toBeNull();
    expect(lines).toContain(`📊 ${NAME}: create, publish, move alias`);
  });

  test("reserves memory when asked to, once, and refuses what the region has not", async () => {
    const { deploy, platform, written } = await start();
    const environment = { SCF_RESERVE_MEMORY: "true" };
    const small = { concurrencyMemory: async () => ({ totalMb: 64_000, reservedMb: 0 }) };

    await expect(deploy({ environment }, small)).rejects.toThrow("has room for 51200 MB");
    expect(written()).toEqual([]);
    await deploy({ environment });
    await deploy({ environment });

    expect(written()).toEqual([]);
    expect(await platform.reservedMemoryMb(NAME)).toBe(32 * 1024);
  });
});

describe("a version that does not pass", () => {
  test("leaves every alias where it was, also those of functions that pass", async () => {
    const { deploy, call, platform } = await start();
    await deploy();
    const codes = { "ai-image-processor": says("second"), [NAME]: BROKEN };

    await expect(deploy({ codes })).rejects.toThrow(
      /Version 2 of image-generator does not pass: STORAGE_FAILED: no store.*image-generator at 1/,
    );

    expect(await call()).toMatchObject({ result: { word: "first", version: "1" } });
    expect(await platform.aliasedVersion("ai-image-processor", "live")).toBe("1");
  });

  test("is not published again by the next try, and a mended one goes on", async () => {
    const { deploy, call, written } = await start();
    await deploy();
    await deploy({ codes: { [NAME]: BROKEN } }).catch(() => {});

    await expect(deploy({ codes: { [NAME]: BROKEN } })).rejects.toThrow("Version 2");
    expect(written()).toEqual([]);
    await deploy({ codes: { [NAME]: says("mended") } });

    expect(await call()).toMatchObject({ result: { word: "mended", version: "3" } });
  });

  test("may also throw or have no handler", async () => {
    const { deploy, platform } = await start();
    for (const code of ['throw new Error("libvips needs GLIBC_2.28");', "exports.other = 1;"]) {
      await expect(deploy({ codes: { [NAME]: code } })).rejects.toThrow("does not pass: status 43");
      expect(await platform.aliasedVersion(NAME, "live")).toBeNull();
    }
  });

  test("an alias that cannot be moved takes the others back", async () => {
    const { deploy, platform } = await start();
    await deploy();
    const codes = { "ai-image-processor": says("second"), [NAME]: says("second") };
    const failing = {
      moveAlias: async (name: string, alias: string, version: string) => {
        if (name === NAME) throw new Error("UpdateAlias: InternalError");
        await platform.moveAlias(name, alias, version);
      },
    };

    await expect(deploy({ codes }, failing)).rejects.toThrow("UpdateAlias: InternalError");

    expect(await platform.aliasedVersion("ai-image-processor", "live")).toBe("1");
  });
});

describe("a deployment that was broken off", () => {
  /** Ends as a killed process would: the action before went out, this one and all later ones do not. */
  const endingAt = (action: keyof FunctionPlatform) => ({
    [action]: () => Promise.reject(new Error("broken off")),
  });

  for (const action of ["create", "publish", "createAlias", "invoke"] as const) {
    test(`before its first ${action} is finished by the next`, async () => {
      const { deploy, call } = await start();
      await expect(deploy({}, endingAt(action))).rejects.toThrow("broken off");

      await deploy();

      expect(await call()).toMatchObject({ result: { word: "first", version: "1" } });
    });
  }

  for (const action of ["updateCode", "updateSettings", "publish", "moveAlias"] as const) {
    test(`in an update, at ${action}, is finished by the next`, async () => {
      const { deploy, call, written } = await start();
      await deploy();
      const codes = { [NAME]: says("second") };
      await expect(deploy({ codes }, endingAt(action))).rejects.toThrow("broken off");

      await deploy({ codes });

      expect(await call()).toMatchObject({ result: { word: "second", version: "2" } });
      await deploy({ codes });
      expect(written()).toEqual([]);
    });
  }

  test("while the function is still Updating: the next one waits for it", async () => {
    const { deploy, platform, call } = await start();
    await deploy();
    const found = await platform.describe(NAME, "$LATEST");
    if (found === null) throw new Error("it is deployed");
    await platform.updateSettings(NAME, { ...found, memoryMb: 256 });
    expect((await platform.describe(NAME, "$LATEST"))?.status).toBe("Updating");

    await deploy();

    expect(await platform.describe(NAME, "$LATEST")).toMatchObject({ memoryMb: 1024 });
    expect(await call()).toMatchObject({ result: { version: "1" } });
  });

  test("after the code: the code that is there is not taken for the one before", async () => {
    const { deploy, platform, call } = await start();
    await deploy();
    let updates = 0;
    const beforeTheMark: Partial<FunctionPlatform> = {
      updateSettings: async (name, settings) => {
        updates += 1;
        if (updates > 1) throw new Error("broken off");
        await platform.updateSettings(name, settings);
      },
    };
    const codes = { [NAME]: says("second") };
    await expect(deploy({ codes }, beforeTheMark)).rejects.toThrow("broken off");
    expect(await call("$LATEST")).toMatchObject({ result: { word: "second" } });

    await deploy({ environment: { ARK_API_KEY: "another" } });

    expect(await call()).toMatchObject({ result: { word: "first", key: "another" } });
  });
});

describe("a change that fails on the platform", () => {
  /** Spoils the package in the bucket: the size is right, so it is not uploaded again. */
  async function spoil(
    objects: { put: (key: string, body: Uint8Array, type: string) => Promise<void> },
    code: string,
  ) {
    const { key, zip } = await pack(NAME, code);
    await objects.put(key, new Uint8Array(zip.byteLength), "application/zip");
    return async () => objects.put(key, zip, "application/zip");
  }

  test("tells the platform's reason at a creation, and the next one begins anew", async () => {
    const { deploy, objects, call } = await start();
    const repair = await spoil(objects, says("first"));

    await expect(deploy()).rejects.toThrow(/is CreateFailed: InvalidParameterValue.ZipFile/);
    await repair();
    await deploy();

    expect(await call()).toMatchObject({ result: { word: "first" } });
  });

  test("tells it at an update, and the version from before goes on", async () => {
    const { deploy, objects, call } = await start();
    await deploy();
    const codes = { [NAME]: says("second") };
    const repair = await spoil(objects, says("second"));

    await expect(deploy({ codes })).rejects.toThrow(
      /is UpdateFailed: InvalidParameterValue.ZipFile/,
    );
    expect(await call()).toMatchObject({ result: { word: "first" } });
    await repair();
    await deploy({ codes });

    expect(await call()).toMatchObject({ result: { word: "second" } });
  });

  test("one that does not end is told after the limit", async () => {
    const { deploy } = await start({ settleLooks: 1_000 });

    await expect(deploy()).rejects.toThrow("is still Creating after 60 s");
  });

  test("a function on another runtime is refused before anything is changed", async () => {
    const { deploy, platform, written } = await start();
    await deploy();
    const older: Partial<FunctionPlatform> = {
      describe: async (name, qualifier) => {
        const found = await platform.describe(name, qualifier);
        return found === null ? null : { ...found, runtime: "Nodejs18.15" };
      },
    };

    await expect(deploy({}, older)).rejects.toThrow("runs on Nodejs18.15");
    expect(written()).toEqual([]);
  });
});
