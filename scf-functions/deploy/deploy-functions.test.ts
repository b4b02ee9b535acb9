import { afterEach, describe, expect, test } from "bun:test";
import { FUNCTION_NAMES } from "../../core/model/functions.ts";
import {
  BROKEN,
  endDeployRigs,
  pack,
  says,
  startDeployRig,
} from "../../tests/deployment/deploy-rig.ts";

const NAME = "image-generator";
afterEach(endDeployRigs);

describe("a deployment", () => {
  test("into an empty cloud: every function answers by its alias", async () => {
    const { deploy, call } = await startDeployRig();

    const { moved } = await deploy();

    expect(moved).toEqual({ "ai-image-processor": "1", "prompt-generator": "1", [NAME]: "1" });
    for (const name of FUNCTION_NAMES) {
      expect(await call("live", name)).toMatchObject({ result: { word: "first", version: "1" } });
    }
  });

  test("again with nothing new: nothing is written, and that is said", async () => {
    const { deploy, written, lines } = await startDeployRig();
    await deploy();
    lines.length = 0;

    const { plans } = await deploy();

    expect(written()).toEqual([]);
    expect(plans.flatMap(({ steps }) => steps)).toEqual([]);
    expect(lines).toContain(`📊 ${NAME}: nothing to change`);
  });

  test("with one function's code changed: that one gets a version, the others are left alone", async () => {
    const { deploy, call, written } = await startDeployRig();
    await deploy();

    await deploy({ codes: { [NAME]: says("second") } });

    expect(new Set(written().map((entry) => entry.split(" ")[1]))).toEqual(new Set([NAME]));
    expect(await call()).toMatchObject({ result: { word: "second", version: "2" } });
    expect(await call("1")).toMatchObject({ result: { word: "first" } });
  });

  test("with a secret changed: a version with the new one, and neither value is printed", async () => {
    const { deploy, call, lines } = await startDeployRig();
    await deploy();

    await deploy({ environment: { ARK_API_KEY: "ark-other" } });

    expect(await call()).toMatchObject({ result: { key: "ark-other", version: "2" } });
    expect(lines.join("\n")).toContain("ARK_API_KEY changed (secret)");
    expect(lines.join("\n")).not.toMatch(/ark-other|ark-secret|fixture-secret/);
  });

  test("with secrets changed and only planned: each is named, and no value old or new is printed", async () => {
    const { deploy, lines, cloud } = await startDeployRig();
    await deploy();
    lines.length = 0;
    const changed = { ARK_API_KEY: "ark-other", PROMPT_API_KEY: "prompt-other" };

    const { plans } = await deploy({ environment: changed, planOnly: true });

    const printed = `${lines.join("\n")}\n${JSON.stringify(plans)}`;
    for (const name of Object.keys(changed)) expect(printed).toContain(`${name} changed (secret)`);
    for (const secret of ["ark-other", "ark-secret", "prompt-other", "prompt-secret"]) {
      expect(printed).not.toContain(secret);
    }
    expect(printed).not.toContain(cloud.account.secretKey);
  });

  test("back to what an older version is: the alias moves there, and nothing is published", async () => {
    const { deploy, call, written } = await startDeployRig();
    await deploy();
    await deploy({ codes: { [NAME]: says("second") } });

    const { moved } = await deploy();

    expect(moved).toEqual({ [NAME]: "1" });
    expect(written()).not.toContain(`PublishVersion ${NAME}`);
    expect(await call("$LATEST")).toMatchObject({ result: { word: "first" } });
  });

  test("that is only planned: says what would change, writes nothing, uploads nothing", async () => {
    const { deploy, written, objects, lines } = await startDeployRig();

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
    const { deploy, platform, written } = await startDeployRig();
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
    const { deploy, call, platform } = await startDeployRig();
    await deploy();
    const codes = { "ai-image-processor": says("second"), [NAME]: BROKEN };

    await expect(deploy({ codes })).rejects.toThrow(
      /Version 2 of image-generator does not pass: STORAGE_FAILED: no store.*image-generator at 1/,
    );

    expect(await call()).toMatchObject({ result: { word: "first", version: "1" } });
    expect(await platform.aliasedVersion("ai-image-processor", "live")).toBe("1");
  });

  test("is not published again by the next try, and a mended one goes on", async () => {
    const { deploy, call, written } = await startDeployRig();
    await deploy();
    await deploy({ codes: { [NAME]: BROKEN } }).catch(() => {});

    await expect(deploy({ codes: { [NAME]: BROKEN } })).rejects.toThrow("Version 2");
    expect(written()).toEqual([]);
    await deploy({ codes: { [NAME]: says("mended") } });

    expect(await call()).toMatchObject({ result: { word: "mended", version: "3" } });
  });

  test("may also throw or have no handler", async () => {
    const { deploy, platform } = await startDeployRig();
    for (const code of ['throw new Error("libvips needs GLIBC_2.28");', "exports.other = 1;"]) {
      await expect(deploy({ codes: { [NAME]: code } })).rejects.toThrow("does not pass: status 43");
      expect(await platform.aliasedVersion(NAME, "live")).toBeNull();
    }
  });

  test("an alias that cannot be moved takes the others back", async () => {
    const { deploy, platform } = await startDeployRig();
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
