import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { scf } from "tencentcloud-sdk-nodejs-scf";
import { createCosObjectStore } from "../../../cloud/cos-object-store.ts";
import { createScfInvoker } from "../../../cloud/scf-invoker.ts";
import { startFixtureCloud } from "../cloud.fixture.ts";
import { system } from "../../../runtime/system.ts";

const NAME = "greeter";
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});

const zipOf = (files: Record<string, string>) =>
  zipSync(Object.fromEntries(Object.entries(files).map(([path, text]) => [path, strToU8(text)])));
const code = (word: string) =>
  zipOf({
    "package.json": '{"type":"commonjs"}',
    "index.js": `exports.main_handler = async (event, context) => ({ word: "${word}", version: context.function_version, name: process.env.NAME });`,
  });

async function start(options: Parameters<typeof startFixtureCloud>[0] = {}) {
  const cloud = await startFixtureCloud({ empty: true, ...options });
  cleanups.push(() => cloud.close());
  const { secretId, secretKey, region } = cloud.account;
  const client = new scf.v20180416.Client({
    credential: { secretId, secretKey },
    region,
    profile: { httpProfile: { endpoint: cloud.scf.endpoint, protocol: "http://" } },
  });
  const objects = createCosObjectStore({
    ...system,
    ...cloud.account,
    endpoint: cloud.cos.endpoint,
  });
  const upload = async (zip: Uint8Array, key = "code.zip") => {
    await objects.put(key, zip, "application/zip");
    return { CosBucketName: "drape", CosObjectName: `/${key}`, CosBucketRegion: region };
  };
  const settled = async (Qualifier = "$LATEST") => {
    for (let polls = 0; polls < 20; polls += 1) {
      const found = await client.GetFunction({ FunctionName: NAME, Qualifier });
      if (!found.Status?.endsWith("ing")) return found;
    }
    throw new Error("it does not settle");
  };
  const spec = { FunctionName: NAME, Runtime: "Nodejs20.19", MemorySize: 256, Timeout: 5 };
  const create = async (zip = code("first"), more = {}) => {
    await client.CreateFunction({ ...spec, Code: await upload(zip), ...more });
    return await settled();
  };
  const invoke = async (Qualifier?: string): Promise<unknown> => {
    const wanted = { FunctionName: NAME, Event: "{}", ...(Qualifier ? { Qualifier } : {}) };
    const { Result } = await client.InvokeFunction(wanted);
    return JSON.parse(Result?.RetMsg ?? "null");
  };
  return { cloud, client, upload, settled, create, invoke };
}

const refusal = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => "it was taken",
    (error: { code?: string }) => error.code,
  );

describe("a function that is deployed over the API", () => {
  test("is Creating first, then Active, and runs the very files of its package", async () => {
    const { client, upload, settled, invoke } = await start();
    const Environment = { Variables: [{ Key: "NAME", Value: "given" }] };
    const Code = await upload(code("first"));
    await client.CreateFunction({ FunctionName: NAME, Code, Runtime: "Nodejs20.19", Environment });

    const { Status } = await client.GetFunction({ FunctionName: NAME });
    const early = await refusal(invoke());
    const active = await settled();

    expect([Status, early]).toEqual(["Creating", "FailedOperation.FunctionStatusError"]);
    expect(active).toMatchObject({ Status: "Active", MemorySize: 128, Timeout: 3, Environment });
    expect(await invoke()).toEqual({ word: "first", version: "$LATEST", name: "given" });
  });

  test("keeps each version as it was, and an alias moves between them", async () => {
    const { client, upload, settled, create, invoke } = await start();
    await create();
    const { FunctionVersion = "" } = await client.PublishVersion({ FunctionName: NAME });
    await settled(FunctionVersion);
    await client.CreateAlias({ FunctionName: NAME, Name: "live", FunctionVersion });

    await client.UpdateFunctionCode({
      FunctionName: NAME,
      ...(await upload(code("second"), "b.zip")),
    });
    const meanwhile = await client.GetFunction({ FunctionName: NAME });
    const during = await invoke();
    await settled();

    expect(meanwhile.Status).toBe("Updating");
    expect(during).toMatchObject({ word: "first" });
    expect(await invoke()).toMatchObject({ word: "second", version: "$LATEST" });
    expect(await invoke("live")).toMatchObject({ word: "first", version: "1" });
    await client.PublishVersion({ FunctionName: NAME });
    await settled("2");
    await client.UpdateAlias({ FunctionName: NAME, Name: "live", FunctionVersion: "2" });
    expect(await invoke("live")).toMatchObject({ word: "second", version: "2" });
    const { Versions } = await client.ListVersionByFunction({ FunctionName: NAME });
    expect(Versions?.map(({ Version }) => Version)).toEqual(["2", "1"]);
    expect(await refusal(invoke("other"))).toBe("ResourceNotFound.Qualifier");
    expect(await refusal(invoke("3"))).toBe("ResourceNotFound.Qualifier");
  });

  test("refuses a second change while one is under way, and a creation of what exists", async () => {
    const { client, create } = await start();
    await create();
    const change = () =>
      refusal(client.UpdateFunctionConfiguration({ FunctionName: NAME, MemorySize: 512 }));

    expect(await change()).not.toContain("Failed");
    expect(await change()).toBe("FailedOperation.FunctionStatusError");
    expect(await refusal(client.PublishVersion({ FunctionName: NAME }))).toBe(
      "FailedOperation.PublishVersion",
    );
    expect(await refusal(create())).toBe("ResourceInUse.Function");
  });

  test("can be deleted, and created anew when it is gone", async () => {
    const { client, create, settled } = await start();
    await create();

    await client.DeleteFunction({ FunctionName: NAME });

    expect(await refusal(create())).toBe("ResourceInUse.Function");
    expect(await refusal(settled())).toBe("ResourceNotFound.Function");
    expect(await create()).toMatchObject({ Status: "Active" });
  });
});

test("the product calls and describes what its alias points to, whatever happens to $LATEST", async () => {
  const { cloud, client } = await start({ empty: false, pendingPolls: 1_000 });
  const FunctionName = "prompt-generator";
  const invokerOf = (qualifier: string) =>
    createScfInvoker({ ...cloud.account, endpoint: cloud.scf.endpoint, qualifier });
  await client.UpdateFunctionConfiguration({ FunctionName, MemorySize: 256 });

  const signal = AbortSignal.timeout(60_000);
  const context = await invokerOf("live").call(FunctionName, { do: "context" }, signal);
  const states = await Promise.all(
    ["live", "$LATEST", "other"].map((one) => invokerOf(one).describe(FunctionName, signal)),
  );

  const latest = await invokerOf("$LATEST").call(FunctionName, { do: "context" }, signal);
  expect(context).toMatchObject({ function_version: "1" });
  // Until the update is settled, what was there before is called.
  expect(latest).toMatchObject({ function_version: "$LATEST", memory_limit_in_mb: 512 });
  expect(states.map(({ detail }) => detail)).toEqual(["Active", "Updating", "ResourceNotFound"]);
});

describe("what the platform refuses", () => {
  test("a package that leads out of its folder is not unpacked at all", async () => {
    for (const path of ["../evil.js", "a/../../evil.js", "/evil.js", "a\\..\\evil.js"]) {
      const { cloud, create } = await start();

      const { Status, StatusReasons } = await create(zipOf({ "index.js": "1", [path]: "evil" }));

      expect(Status).toBe("CreateFailed");
      expect(StatusReasons?.[0]?.ErrorCode).toBe("InvalidParameterValue.ZipFile");
      expect(existsSync(join(cloud.dir, "scratch", "code"))).toBe(false);
    }
  });

  test("a failed creation can only be deleted; a failed update is invoked as before", async () => {
    const { client, upload, settled, create, invoke } = await start();
    const broken = await upload(strToU8("no zip"), "broken.zip");
    expect(await create(strToU8("no zip"))).toMatchObject({ Status: "CreateFailed" });
    const update = () => client.UpdateFunctionCode({ FunctionName: NAME, ...broken });

    expect(await refusal(update())).toBe("FailedOperation.UpdateFunctionCode");
    await client.DeleteFunction({ FunctionName: NAME });
    await refusal(settled());
    await create();
    await update();

    expect(await settled()).toMatchObject({ Status: "UpdateFailed" });
    expect(await invoke()).toMatchObject({ word: "first" });
  });

  const variables = (...pairs: [string, string][]) => ({
    Environment: { Variables: pairs.map(([Key, Value]) => ({ Key, Value })) },
  });
  const wrong: [string, object, string][] = [
    ["a name of one letter", { FunctionName: "x" }, "InvalidParameterValue.FunctionName"],
    ["a name of 61", { FunctionName: "x".repeat(61) }, "InvalidParameterValue.FunctionName"],
    ["memory between the steps", { MemorySize: 200 }, "InvalidParameterValue.MemorySize"],
    ["memory above 3072", { MemorySize: 3200 }, "InvalidParameterValue.MemorySize"],
    ["a timeout above 900", { Timeout: 901 }, "LimitExceeded.Timeout"],
    ["another runtime", { Runtime: "Nodejs99" }, "InvalidParameterValue.Runtime"],
    ["a handler of one part", { Handler: "main" }, "InvalidParameterValue.Handler"],
    ["a colon in a description", { Description: "a: b" }, "InvalidParameterValue.Description"],
    [
      "more than 4 KB of variables",
      variables(["KEY", "v".repeat(4_094)]),
      "InvalidParameterValue.EnvironmentExceededLimit",
    ],
    [
      "a variable of the platform's",
      variables(["TENCENTCLOUD_REGION", "x"]),
      "InvalidParameterValue.EnvironmentSystemProtect",
    ],
    [
      "a bucket with its APPID",
      { Code: { CosBucketName: "drape-1250000000", CosObjectName: "/code.zip" } },
      "ResourceNotFound.Cos",
    ],
    [
      "a package that is not there",
      { Code: { CosBucketName: "drape", CosObjectName: "/none.zip" } },
      "ResourceNotFound.Cos",
    ],
    ["another namespace", { Namespace: "other" }, "ResourceNotFound.Namespace"],
  ];
  for (const [what, more, expected] of wrong) {
    test(what, async () => {
      const { create } = await start();

      expect(await refusal(create(code("x"), more))).toBe(expected);
    });
  }

  test("a new runtime, and more reserved memory than the region has", async () => {
    const { client, create } = await start();
    await create();
    const reserve = (ReservedConcurrencyMem: number) =>
      client.PutReservedConcurrencyConfig({ FunctionName: NAME, ReservedConcurrencyMem });

    expect(
      await refusal(
        client.UpdateFunctionConfiguration({ FunctionName: NAME, Runtime: "Nodejs18.15" }),
      ),
    ).toBe("InvalidParameterValue.Runtime");
    expect(await refusal(reserve(128_000))).toBe("LimitExceeded.FunctionReservedConcurrencyMemory");
    await reserve(1_024);
    expect(await client.GetReservedConcurrencyConfig({ FunctionName: NAME })).toMatchObject({
      ReservedMem: 1_024,
    });
    expect((await client.GetAccount()).AccountUsage?.TotalAllocatedConcurrencyMem).toBe(1_024);
  });
});

test("what the cloud is started with can be deployed over, and its alias stays until it is moved", async () => {
  const { client, upload } = await start({ empty: false });
  const FunctionName = "prompt-generator";
  const invokeAt = async (Qualifier: string) => {
    const event = { FunctionName, Qualifier, Event: '{"do":"echo","value":1}' };
    return (await client.InvokeFunction(event)).Result?.RetMsg;
  };

  await client.UpdateFunctionCode({ FunctionName, ...(await upload(code("over"))) });
  for (let polls = 0; polls < 3; polls += 1) await client.GetFunction({ FunctionName });

  expect(await invokeAt("$LATEST")).toContain("over");
  expect(await invokeAt("live")).toBe('{"value":1}');
});
