import { afterEach, describe, expect, test } from "bun:test";
import type { FunctionPlatform } from "../../core/ports/function-platform.ts";
import { FUNCTION_NAMES } from "../../core/model/functions.ts";
import type { ObjectStore } from "../../core/ports/cloud.ts";
import { endDeployRigs, pack, says, startDeployRig } from "../../tests/deployment/deploy-rig.ts";

const NAME = "image-generator";
const saying = (word: string): unknown => expect.objectContaining({ word });
afterEach(endDeployRigs);

describe("a deployment that was broken off", () => {
  /** Ends as a killed process would: the action before went out, this one and all later ones do not. */
  const endingAt = (action: keyof FunctionPlatform) => ({
    [action]: () => Promise.reject(new Error("broken off")),
  });

  for (const action of ["create", "publish", "createAlias", "invoke"] as const) {
    test(`before its first ${action} is finished by the next`, async () => {
      const { deploy, call } = await startDeployRig();
      await expect(deploy({}, endingAt(action))).rejects.toThrow("broken off");

      await deploy();

      expect(await call()).toMatchObject({ result: { word: "first", version: "1" } });
    });
  }

  for (const action of ["updateCode", "updateSettings", "publish", "moveAlias"] as const) {
    test(`in an update, at ${action}, is finished by the next`, async () => {
      const { deploy, call, written } = await startDeployRig();
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
    const { deploy, platform, call } = await startDeployRig();
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
    const { deploy, platform, call } = await startDeployRig();
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

describe("aliases that cannot all be moved", () => {
  const codes = {
    "ai-image-processor": says("second"),
    "prompt-generator": says("second"),
    [NAME]: says("second"),
  };
  const words = (rig: Awaited<ReturnType<typeof startDeployRig>>) =>
    Promise.all(FUNCTION_NAMES.map((name) => rig.call("live", name)));
  const first = FUNCTION_NAMES.map(() => expect.objectContaining({ result: saying("first") }));

  test("are all where they were, also the one whose move was not answered", async () => {
    const rig = await startDeployRig();
    await rig.deploy();
    const { platform } = rig;
    const unanswered: Partial<FunctionPlatform> = {
      async moveAlias(name, alias, version) {
        await platform.moveAlias(name, alias, version);
        if (name === NAME && version === "2") throw new Error("no answer");
      },
    };

    await expect(rig.deploy({ codes }, unanswered)).rejects.toThrow("no answer");

    expect(await words(rig)).toEqual(first);
  });

  test("go back each for itself, and the one that does not is named beside the reason", async () => {
    const rig = await startDeployRig();
    await rig.deploy();
    const { platform } = rig;
    const stuck: Partial<FunctionPlatform> = {
      async moveAlias(name, alias, version) {
        if (name === NAME) throw new Error("no such quota");
        if (name === "prompt-generator" && version === "1") throw new Error("not back either");
        await platform.moveAlias(name, alias, version);
      },
    };

    await expect(rig.deploy({ codes }, stuck)).rejects.toThrow(
      /no such quota.*prompt-generator: live is to go back to version 1/s,
    );

    expect(await rig.call("live", "ai-image-processor")).toMatchObject({
      result: saying("first"),
    });
  });
});

describe("a change that fails on the platform", () => {
  /** Spoils the package in the bucket: the size is right, so it is not uploaded again. */
  async function spoil(objects: Pick<ObjectStore, "put">, code: string) {
    const { key, zip } = await pack(NAME, code);
    await objects.put(key, new Uint8Array(zip.byteLength), "application/zip");
    return async () => objects.put(key, zip, "application/zip");
  }

  test("tells the platform's reason at a creation, and the next one begins anew", async () => {
    const { deploy, objects, call } = await startDeployRig();
    const repair = await spoil(objects, says("first"));

    await expect(deploy()).rejects.toThrow(/is CreateFailed: InvalidParameterValue.ZipFile/);
    await repair();
    await deploy();

    expect(await call()).toMatchObject({ result: { word: "first" } });
  });

  test("tells it at an update, and the version from before goes on", async () => {
    const { deploy, objects, call } = await startDeployRig();
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
    const { deploy } = await startDeployRig({ pendingPolls: 1_000 });

    await expect(deploy()).rejects.toThrow("is still Creating after 60 s");
  });

  test("a function on another runtime is refused before anything is changed", async () => {
    const { deploy, platform, written } = await startDeployRig();
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
