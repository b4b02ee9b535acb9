import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { scf } from "tencentcloud-sdk-nodejs-scf";
import { FUNCTION_NAMES } from "../../../core/model/functions.ts";
import { startFixtureCloud, writeFixtureFunctions } from "../cloud.fixture.ts";
import { startEmulatedCloud } from "../start-emulated-cloud.ts";

const NAME = "prompt-generator";
const ACCOUNT = { secretId: "AKIDgiven", secretKey: "the-given-secret-key" };
const cleanups: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

function clientOf(endpoint: string, credential = ACCOUNT) {
  const httpProfile = { endpoint, protocol: "http://" };
  return new scf.v20180416.Client({
    credential,
    region: "ap-guangzhou",
    profile: { httpProfile },
  });
}
type Client = ReturnType<typeof clientOf>;

async function settled(client: Client, FunctionName: string, Qualifier = "$LATEST") {
  for (let polls = 0; polls < 20; polls += 1) {
    const found = await client.GetFunction({ FunctionName, Qualifier });
    if (!found.Status?.endsWith("ing")) return found;
  }
  throw new Error("it does not settle");
}

/** The cloud as the product starts it, with a bundle for each function and the emulators' variables. */
async function startWithBundles(more: Partial<Parameters<typeof startEmulatedCloud>[0]> = {}) {
  const dir = await mkdtemp(join(tmpdir(), "drape-given-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  const functionsDir = await writeFixtureFunctions(join(dir, "functions"));
  const cloud = await startEmulatedCloud({
    ...ACCOUNT,
    region: "ap-guangzhou",
    namespace: "default",
    bucket: "drape-1250000000",
    dataDir: join(dir, "data"),
    functionsDir,
    providerEmulators: true,
    ...more,
  });
  cleanups.push(() => cloud.stop());
  return clientOf(cloud.scfEndpoint);
}

async function startFixture(options: Parameters<typeof startFixtureCloud>[0] = {}) {
  const cloud = await startFixtureCloud(options);
  cleanups.push(() => cloud.close());
  return { cloud, client: clientOf(cloud.scf.endpoint, cloud.account) };
}

describe("a function that the cloud was started with", () => {
  test("is described as one that was created: what is read can be written back", async () => {
    const client = await startWithBundles();

    for (const FunctionName of FUNCTION_NAMES) {
      const found = await settled(client, FunctionName);
      const { MemorySize = 0, Timeout = 0, Environment = {}, Description = "?" } = found;
      const asRead = { FunctionName, MemorySize, Timeout, Environment, Description };
      await client.UpdateFunctionConfiguration(asRead);

      expect(await settled(client, FunctionName)).toMatchObject({ ...asRead, Status: "Active" });
    }
  });

  test("tells the size of its code, and that its version is of today", async () => {
    const { client } = await startFixture();

    const { CodeSize } = await client.GetFunction({ FunctionName: NAME });
    const { Versions } = await client.ListVersionByFunction({ FunctionName: NAME });
    const published = await client.PublishVersion({ FunctionName: NAME });

    expect(CodeSize).toBeGreaterThan(100);
    expect(published).toMatchObject({ CodeSize, FunctionVersion: "2" });
    expect(Date.now() - Date.parse(Versions?.[0]?.AddTime ?? "")).toBeLessThan(60_000);
  });

  test("keeps its limit of instances when it is updated", async () => {
    const { client } = await startFixture({ instancesMax: 1 });
    const wait = { FunctionName: NAME, Event: JSON.stringify({ do: "wait", ms: 500 }) };
    await client.UpdateFunctionConfiguration({ FunctionName: NAME, MemorySize: 256 });
    await settled(client, NAME);

    const answers = await Promise.all([client.InvokeFunction(wait), client.InvokeFunction(wait)]);

    const failures = answers.map(({ Result }) => Result?.ErrMsg ?? "").filter(Boolean);
    expect(failures.map((text) => JSON.parse(text).statusCode)).toEqual([432]);
  });

  test("is called by alias, $LATEST, $DEFAULT and number as one that was created", async () => {
    const { client } = await startFixture();
    const Event = JSON.stringify({ do: "context" });
    const versionOf = async (Qualifier: string): Promise<unknown> => {
      const { Result } = await client.InvokeFunction({ FunctionName: NAME, Qualifier, Event });
      return JSON.parse(Result?.RetMsg ?? "null").function_version;
    };

    const seen = [];
    for (const qualifier of ["live", "1", "$LATEST", "$DEFAULT"]) {
      seen.push(await versionOf(qualifier));
    }

    expect(seen).toEqual(["1", "1", "$LATEST", "$LATEST"]);
  });

  test("can be deleted: it is Deleting first, takes no call and no change then", async () => {
    const { client } = await startFixture();
    const codeOf = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => "it was taken",
        (error: { code?: string }) => error.code,
      );

    await client.DeleteFunction({ FunctionName: NAME });
    const meanwhile = await client.GetFunction({ FunctionName: NAME });
    const configuration = { FunctionName: NAME, MemorySize: 256 };
    const change = await codeOf(client.UpdateFunctionConfiguration(configuration));
    const call = await codeOf(client.InvokeFunction({ FunctionName: NAME, Event: "{}" }));
    const end = await codeOf(settled(client, NAME));

    expect(meanwhile.Status).toBe("Deleting");
    expect([change, call]).toEqual(Array(2).fill("FailedOperation.FunctionStatusError"));
    expect(end).toBe("ResourceNotFound.Function");
  });
});

describe("what could not have been created, the cloud refuses to start with", () => {
  const impossible: [string, Parameters<typeof startFixtureCloud>[0], string][] = [
    ["a variable of the platform's", { environment: { SCF_X: "1" } }, "EnvironmentSystemProtect"],
    ["an empty variable", { environment: { EMPTY: "" } }, "InvalidParameterValue.Environment"],
    ["memory between the steps", { memoryMb: 200 }, "InvalidParameterValue.MemorySize"],
  ];
  for (const [what, options, code] of impossible) {
    test(what, async () => {
      await expect(startFixture(options)).rejects.toThrow(code);
    });
  }
});
