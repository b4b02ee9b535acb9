import { afterEach, describe, expect, test } from "bun:test";
import type { FunctionPlatform, PlatformFunction } from "../../core/ports/function-platform.ts";
import { FUNCTION_NAMES } from "../../core/model/functions.ts";
import {
  BROKEN,
  endDeployRigs,
  pack,
  says,
  startDeployRig,
} from "../../tests/deployment/deploy-rig.ts";
import type { Step } from "./plan-function.ts";

const NAME = "image-generator";
type DeployRig = Awaited<ReturnType<typeof startDeployRig>>;
afterEach(endDeployRigs);

const BY_HAND = {
  runtime: "Nodejs20.19",
  handler: "index.main_handler",
  memoryMb: 256,
  timeoutSeconds: 60,
  environment: { COS_BUCKET: "photos-1250000000", LEFT_OVER: "1" },
  role: "somebodys-role",
  description: "made in the console, by 小王.",
};

/** As the console does it, without a version or an alias. */
async function createByHand(
  { platform, objects }: DeployRig,
  code = says("by hand"),
): Promise<void> {
  const { key, zip } = await pack(NAME, code);
  await objects.put(key, zip, "application/zip");
  await platform.create(NAME, { key }, BY_HAND);
  await settled(platform);
}

async function settled(platform: FunctionPlatform, qualifier = "$LATEST"): Promise<void> {
  let found: PlatformFunction | null;
  do found = await platform.describe(NAME, qualifier);
  while (found?.status.endsWith("ing") === true);
}

async function publish(platform: FunctionPlatform, description: string): Promise<string> {
  const version = await platform.publish(NAME, description);
  await settled(platform, version);
  return version;
}

describe("a deployment over functions that are there", () => {
  type Way = { given?: boolean; first?: Step; before: (rig: DeployRig) => Promise<void> };
  const ways: Record<string, Way> = {
    "that the cloud was started with": { given: true, before: async () => {} },
    "that have other memory and variables than ours": {
      given: true,
      async before({ platform }) {
        await platform.updateSettings(NAME, BY_HAND);
        await settled(platform);
      },
    },
    "that were made by hand, without an alias": { before: (rig) => createByHand(rig) },
    "whose alias points to $LATEST": {
      first: "keep what is live",
      async before(rig) {
        await createByHand(rig);
        await rig.platform.createAlias(NAME, "live", "$LATEST");
      },
    },
    "whose alias points to an old version among unknown ones": {
      async before(rig) {
        await createByHand(rig);
        const { platform } = rig;
        const old = await publish(platform, "");
        for (const text of ["Drape. code unknown", "Drape. code 12, mine", "测试"]) {
          await publish(platform, text);
        }
        await platform.createAlias(NAME, "live", old);
      },
    },
    "that are being deleted": {
      given: true,
      first: "create",
      before: ({ platform }) => platform.remove(NAME),
    },
    "that were taken away while the cloud ran": {
      given: true,
      first: "create",
      async before({ cloud }) {
        cloud.scf.setDeployed(NAME, false);
      },
    },
  };
  for (const [what, { given = false, first = "update code", before }] of Object.entries(ways)) {
    test(`${what}: ours is live, by every name, and the next finds nothing to change`, async () => {
      const rig = await startDeployRig({ empty: !given });
      await before(rig);
      const { plans } = await rig.deploy({ planOnly: true });

      const { moved } = await rig.deploy();

      expect(rig.written().length).toBeGreaterThan(0);
      expect(plans.at(-1)?.steps[0]).toBe(first);
      expect(plans.map(({ steps }) => steps.at(-1))).toEqual(Array(3).fill("move alias"));
      const words = [];
      for (const name of FUNCTION_NAMES) {
        for (const qualifier of ["live", moved[name] ?? "", "$LATEST", "$DEFAULT"]) {
          words.push(await rig.call(qualifier, name));
        }
      }
      const ours = expect.objectContaining({ word: "first" });
      expect(words).toHaveLength(12);
      expect(words).toEqual(words.map(() => ({ ok: true, result: ours })));
      const again = await rig.deploy();
      expect(again.plans.flatMap(({ steps }) => steps)).toEqual([]);
      expect(rig.written()).toEqual([]);
    });
  }

  test("whose alias points to $LATEST: it serves what was there until ours has passed", async () => {
    const rig = await startDeployRig();
    const { deploy, platform, call } = rig;
    await createByHand(rig);
    await platform.createAlias(NAME, "live", "$LATEST");

    await expect(deploy({ codes: { [NAME]: BROKEN } })).rejects.toThrow("image-generator at 1");

    expect(await call()).toMatchObject({ result: { word: "by hand" } });
  });

  test("that could not be deleted: refused with the cure before anything is changed", async () => {
    const { deploy, platform, written } = await startDeployRig({ empty: false });
    const halfDeleted: Partial<FunctionPlatform> = {
      async describe(name, qualifier) {
        const found = await platform.describe(name, qualifier);
        return found === null ? null : { ...found, status: "DeleteFailed" };
      },
    };

    await expect(deploy({}, halfDeleted)).rejects.toThrow(
      "is DeleteFailed: delete it in the console",
    );
    expect(written()).toEqual([]);
  });
});
