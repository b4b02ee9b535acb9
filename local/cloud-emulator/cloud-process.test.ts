import { afterEach, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import { createScfInvoker } from "../../cloud/scf-invoker.ts";
import { isRunning, until, writeFixtureFunctions } from "./cloud.fixture.ts";
import { runEmulatedCloud } from "./run-emulated-cloud.ts";
import {
  startEmulatedCloud,
  type EmulatedCloud,
  type StartOptions,
} from "./start-emulated-cloud.ts";
import { system } from "../../runtime/system.ts";

const NAME = "prompt-generator";
const ACCOUNT = {
  secretId: "AKIDprocess",
  secretKey: "the-process-secret-key",
  region: "ap-guangzhou",
  namespace: "default",
  bucket: "drape-1250000000",
};

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

async function optionsInNewDir(more: Partial<StartOptions> = {}): Promise<StartOptions> {
  const dir = await mkdtemp(join(tmpdir(), "drape-cloud-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  const functionsDir = await writeFixtureFunctions(join(dir, "functions"));
  return { ...ACCOUNT, dataDir: dir, functionsDir, providerEmulators: false, ...more };
}

async function start(options: StartOptions): Promise<EmulatedCloud> {
  const cloud = await startEmulatedCloud(options);
  cleanups.push(() => cloud.stop());
  return cloud;
}

const callOf =
  (cloud: Pick<EmulatedCloud, "scfEndpoint">) =>
  (event: unknown, ms = 10_000): Promise<unknown> => {
    const invoker = createScfInvoker({ ...ACCOUNT, endpoint: cloud.scfEndpoint });
    return invoker.call(NAME, event, AbortSignal.timeout(ms));
  };

/** Sets a function into an endless loop and tells its process. */
async function startEndlessLoop(cloud: Pick<EmulatedCloud, "scfEndpoint">): Promise<number> {
  const call = callOf(cloud);
  const { pid } = z.object({ pid: z.number() }).parse(await call({ do: "count" }));
  await call({ do: "loop" }, 200).catch(() => {});
  expect(await isRunning(pid)).toBe(true);
  return pid;
}

const gone = (pid: number): Promise<void> => until(async () => !(await isRunning(pid)));

describe("the emulated cloud in a process of its own", () => {
  test("serves SCF, COS and control, keeps its objects, and stops with its functions", async () => {
    const options = await optionsInNewDir();
    const cloud = await start(options);
    const store = createCosObjectStore({ ...system, ...ACCOUNT, endpoint: cloud.cosEndpoint });

    await store.put("kept.txt", Buffer.from("kept"), "text/plain");
    const pid = await startEndlessLoop(cloud);
    const log = await (await fetch(`${cloud.controlUrl}/control/scf/log`)).json();
    expect(log).toMatchObject({ entries: [{ function: NAME, status: 200, cold: true }] });
    await cloud.stop();
    await cloud.stop();

    expect(await isRunning(cloud.pid)).toBe(false);
    await gone(pid);
    const again = await start(options);
    const { get } = createCosObjectStore({ ...system, ...ACCOUNT, endpoint: again.cosEndpoint });
    expect(await get("kept.txt", 100)).toEqual(new Uint8Array(Buffer.from("kept")));
  });

  test("functions are told where the cloud is, and no proxy or key of the parent", async () => {
    process.env["http_proxy"] = "http://127.0.0.1:9";
    delete process.env["no_proxy"];
    delete process.env["NO_PROXY"];
    const extraFunctionEnv = { ARK_API_KEY: "a real one" };
    const cloud = await start(await optionsInNewDir({ extraFunctionEnv, imageSourceAllow: "h:1" }));

    const answer = await callOf(cloud)({ do: "env" });
    delete process.env["http_proxy"];

    const { env } = z.object({ env: z.record(z.string(), z.string()) }).parse(answer);
    expect(env).toMatchObject({
      COS_BUCKET: ACCOUNT.bucket,
      COS_ENDPOINT: cloud.cosEndpoint,
      COS_REGION: ACCOUNT.region,
      COS_SECRET_ID: ACCOUNT.secretId,
      COS_SECRET_KEY: ACCOUNT.secretKey,
      IMAGE_SOURCE_ALLOW: "h:1",
      ARK_API_KEY: "a real one",
    });
    expect(Object.keys(env).filter((name) => /proxy/i.test(name))).toEqual([]);
  });

  test("Ctrl-C alone does not end it", async () => {
    const cloud = await start(await optionsInNewDir());

    process.kill(cloud.pid, "SIGINT");

    expect(await callOf(cloud)({ do: "echo", value: 1 })).toEqual({ value: 1 });
  });

  test("a cloud that is killed takes its functions along, also one in an endless loop", async () => {
    const cloud = await start(await optionsInNewDir());
    const pid = await startEndlessLoop(cloud);

    process.kill(cloud.pid, "SIGKILL");

    await cloud.ended;
    await gone(pid);
  });

  test("a parent that is killed leaves neither cloud nor functions", async () => {
    const options = await optionsInNewDir();
    const program = join(options.dataDir, "parent.ts");
    const source = `
      import { startEmulatedCloud } from ${JSON.stringify(join(import.meta.dir, "start-emulated-cloud.ts"))};
      const { stop, ended, ...facts } = await startEmulatedCloud(${JSON.stringify(options)});
      console.log(JSON.stringify(facts));
      setInterval(() => {}, 1000);
    `;
    await writeFile(program, source);
    const parent = Bun.spawn([process.execPath, program], { stdout: "pipe" });
    cleanups.push(() => parent.kill("SIGKILL"));
    const line = new TextDecoder().decode((await parent.stdout.getReader().read()).value);
    const schema = z.object({ scfEndpoint: z.string(), pid: z.number() });
    const cloud = schema.parse(JSON.parse(line));
    const pid = await startEndlessLoop(cloud);

    parent.kill("SIGKILL");

    await Promise.all([gone(cloud.pid), gone(pid)]);
  });

  test("a cloud that cannot start says why", async () => {
    const options = await optionsInNewDir({ region: "" });

    await expect(startEmulatedCloud(options)).rejects.toThrow(/ended before it was ready.*region/s);
  });
});

test("emulators for the providers are mounted, and the functions are told their address", async () => {
  const options = { ...(await optionsInNewDir()), providerEmulators: true };
  const emulators = { fetch: (request: Request) => new Response(new URL(request.url).pathname) };
  const cloud = await runEmulatedCloud(options, {
    makeEmulators: async () => emulators,
    path: process.env["PATH"] ?? "",
    log: () => {},
  });
  cleanups.push(() => cloud.close());

  const { providersUrl } = cloud.ready;
  const answer = await callOf(cloud.ready)({ do: "env" });

  expect(await (await fetch(`${providersUrl}/control/log`)).text()).toBe("/control/log");
  expect(answer).toMatchObject({
    env: {
      PROMPT_BASE_URL: `${providersUrl}/v1`,
      PROMPT_MODEL: "hy-vision-2.0-instruct",
      TOKENHUB_BASE_URL: `${providersUrl}/v1`,
      ARK_BASE_URL: `${providersUrl}/api/v3`,
      OPENAI_BASE_URL: `${providersUrl}/openai/v1`,
    },
  });
});
