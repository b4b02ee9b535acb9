import { afterEach, describe, expect, test } from "bun:test";
import { utimes } from "node:fs/promises";
import { join } from "node:path";
import { scf } from "tencentcloud-sdk-nodejs-scf";
import { z } from "zod";
import { createScfInvoker } from "../../../cloud/scf-invoker.ts";
import { isRunning, startFixtureCloud, until, type FixtureCloud } from "../cloud.fixture.ts";
import { listenOnLoopback, readBody } from "../emulator-http.ts";

const NAME = "prompt-generator";
const MINUTE_MS = 60_000;
const countSchema = z.object({ calls: z.number(), pid: z.number() });

const clouds: FixtureCloud[] = [];
afterEach(async () => {
  await Promise.all(clouds.splice(0).map((cloud) => cloud.close()));
});

async function start(options: Parameters<typeof startFixtureCloud>[0] = {}) {
  const cloud = await startFixtureCloud(options);
  clouds.push(cloud);
  const invoker = createScfInvoker({ ...cloud.account, endpoint: cloud.scf.endpoint });
  const call = (event: unknown, ms = 10_000): Promise<unknown> =>
    invoker.call(NAME, event, AbortSignal.timeout(ms));
  const count = async () => countSchema.parse(await call({ do: "count" }));
  return { cloud, invoker, call, count };
}

function clientOf(cloud: FixtureCloud, changed: { secretId?: string; secretKey?: string } = {}) {
  const { secretId, secretKey, region } = { ...cloud.account, ...changed };
  const httpProfile = { endpoint: cloud.scf.endpoint, protocol: "http://" };
  return new scf.v20180416.Client({
    credential: { secretId, secretKey },
    region,
    profile: { httpProfile },
  });
}

/** A request as the SDK signs it, caught on its way. */
async function caughtRequest(cloud: FixtureCloud) {
  let caught: { headers: Record<string, string>; body: string } | undefined;
  const recorder = await listenOnLoopback(async (request, response) => {
    const body = (await readBody(request, 1_000_000))?.toString() ?? "";
    const headers = Object.entries(request.headers).map(([name, value]) => [name, String(value)]);
    caught = { headers: Object.fromEntries(headers), body };
    response.writeHead(500).end();
  });
  const invoker = createScfInvoker({ ...cloud.account, endpoint: recorder.endpoint });
  const signal = AbortSignal.timeout(60_000);
  await invoker.call(NAME, { do: "echo", value: "as signed" }, signal).catch(() => {});
  await recorder.close();
  if (caught === undefined) throw new Error("nothing was caught");
  const { host: _, "content-length": __, connection: ___, ...headers } = caught.headers;
  return { headers, body: caught.body };
}

async function send(cloud: FixtureCloud, request: { headers: object; body: string }) {
  const { headers, body } = request;
  const init = { method: "POST", headers: { ...headers }, body };
  return await (await fetch(`http://${cloud.scf.endpoint}/`, init)).text();
}

describe("the signature of an API request", () => {
  test("a caught request passes as it was and fails with another body", async () => {
    const { cloud } = await start();
    const { headers, body } = await caughtRequest(cloud);

    const same = await send(cloud, { headers, body });
    const changed = await send(cloud, { headers, body: body.replace("as signed", "as forged") });

    expect(same).toContain("as signed");
    expect(changed).toContain("AuthFailure.SignatureFailure");
  });

  test("a wrong key, an unknown id and no signature are each told apart", async () => {
    const { cloud } = await start();
    const codeOf = (client: ReturnType<typeof clientOf>): Promise<unknown> =>
      client.GetFunction({ FunctionName: NAME }).catch((error: { code?: string }) => error.code);

    expect(await codeOf(clientOf(cloud, { secretKey: "wrong" }))).toBe(
      "AuthFailure.SignatureFailure",
    );
    expect(await codeOf(clientOf(cloud, { secretId: "AKIDother" }))).toBe(
      "AuthFailure.SecretIdNotFound",
    );
    expect(await send(cloud, { headers: {}, body: "{}" })).toContain(
      "AuthFailure.InvalidAuthorization",
    );
  });

  test("a signature holds for five minutes of clock difference and not for six", async () => {
    const { cloud, call } = await start();

    cloud.setClockOffsetMs(4 * MINUTE_MS);
    expect(await call({ do: "echo", value: 1 })).toEqual({ value: 1 });
    for (const minutes of [6, -6]) {
      cloud.setClockOffsetMs(minutes * MINUTE_MS);
      await expect(call({ do: "echo" })).rejects.toMatchObject({
        code: "FUNCTION_CREDENTIALS",
        operatorMessage: expect.stringContaining("AuthFailure.SignatureExpire"),
      });
    }
  });
});

describe("the life of a function", () => {
  test("an instance is reused while it is warm", async () => {
    const { cloud, count } = await start();

    const first = await count();
    const second = await count();

    expect(second).toEqual({ calls: 2, pid: first.pid });
    expect(cloud.scf.invocations.entries().map(({ cold }) => cold)).toEqual([true, false]);
  });

  test("calls at one time run in instances of their own", async () => {
    const { call } = await start();
    const slow = call({ do: "wait", ms: 300 });

    const other = await call({ do: "count" });

    expect(other).toMatchObject({ calls: 1 });
    expect(await slow).toEqual({ waited: 300 });
  });

  test("changed code starts a new instance", async () => {
    const { cloud, count } = await start();
    const before = await count();
    await utimes(join(cloud.functionsDir, NAME, "index.js"), 1, 1);

    const after = await count();

    expect(after.calls).toBe(1);
    await until(async () => !(await isRunning(before.pid)));
  });

  test("an idle instance ends", async () => {
    const { count } = await start({ idleMs: 50 });

    const { pid } = await count();

    await until(async () => !(await isRunning(pid)));
  });

  test("an endless loop is stopped by the time limit, and the next call works", async () => {
    const { cloud, call } = await start({ timeoutMs: 500 });

    await expect(call({ do: "loop" })).rejects.toMatchObject({
      code: "FUNCTION_TIMEOUT",
      ran: "yes",
    });

    expect(await call({ do: "echo", value: "again" })).toEqual({ value: "again" });
    expect(cloud.scf.invocations.entries().map(({ status }) => status)).toEqual([433, 200]);
  });

  test("a function that takes too much memory is stopped", async () => {
    const { cloud, call } = await start({ memoryMb: 256 });

    await expect(call({ do: "hog" })).rejects.toMatchObject({
      code: "FUNCTION_FAILED",
      ran: "yes",
      operatorMessage: expect.stringContaining("434"),
    });

    expect(cloud.scf.invocations.entries()[0]?.memoryBytes).toBeGreaterThan(192 * 1024 * 1024);
    expect(await call({ do: "echo", value: 1 })).toEqual({ value: 1 });
  });

  test("a process that ends by itself failed, and the next call works", async () => {
    const { call } = await start();

    await expect(call({ do: "exit" })).rejects.toMatchObject({
      code: "FUNCTION_FAILED",
      ran: "yes",
      operatorMessage: expect.stringContaining("439"),
    });

    expect(await call({ do: "echo", value: 1 })).toEqual({ value: 1 });
  });

  test("calls above the instance limit are told to come back", async () => {
    const { call } = await start({ instancesMax: 1 });

    const ends = await Promise.allSettled([
      call({ do: "wait", ms: 400 }),
      call({ do: "wait", ms: 400 }),
    ]);

    expect(ends.find(({ status }) => status === "fulfilled")).toBeDefined();
    const refused = ends.find(({ status }) => status === "rejected");
    expect(refused).toMatchObject({ reason: { code: "FUNCTION_BUSY", ran: "no" } });
    expect(await call({ do: "count" })).toMatchObject({ calls: 2 });
  });

  test("a function sees its own environment alone, in its own folder", async () => {
    process.env["http_proxy"] = "http://127.0.0.1:9";
    process.env["no_proxy"] = "127.0.0.1";
    const { cloud, call } = await start({ environment: { ARK_API_KEY: "given" } });

    const answer = await call({ do: "env" });
    delete process.env["http_proxy"];
    delete process.env["no_proxy"];

    const seen = z.object({ env: z.record(z.string(), z.string()), cwd: z.string() }).parse(answer);
    const names = Object.keys(seen.env).filter((name) => !name.startsWith("NODE_CHANNEL_"));
    expect(names.sort()).toEqual(["ARK_API_KEY", "MALLOC_ARENA_MAX", "PATH", "TMPDIR"]);
    expect(seen.env).toMatchObject({ ARK_API_KEY: "given", MALLOC_ARENA_MAX: "2" });
    expect(seen.cwd).toBe(join(cloud.functionsDir, NAME));
  });

  test("a scratch folder is the instance's own and goes with it", async () => {
    const { cloud, call } = await start();

    const { dir } = z.object({ dir: z.string() }).parse(await call({ do: "scratch" }));

    expect(dir.startsWith(join(cloud.dir, "scratch"))).toBe(true);
    expect(await Bun.file(join(dir, "x")).text()).toBe("1");
    await cloud.scf.close();
    expect(await Bun.file(join(dir, "x")).exists()).toBe(false);
  });

  test("what a function started ends with its instance", async () => {
    const { cloud, call } = await start();
    const pids = z.object({ pid: z.number(), childPid: z.number() });
    const { pid, childPid } = pids.parse(await call({ do: "spawn" }));

    await cloud.scf.close();

    await until(async () => !(await isRunning(pid)) && !(await isRunning(childPid)));
  });
});

describe("the API beside InvokeFunction", () => {
  test("Invoke takes its event as ClientContext and answers in the documented shape", async () => {
    const { cloud } = await start();

    const { Result } = await clientOf(cloud).Invoke({
      FunctionName: NAME,
      ClientContext: JSON.stringify({ do: "context" }),
    });

    expect(Result).toMatchObject({ ErrMsg: "", Log: "" });
    expect(Result?.MemUsage).toBeGreaterThan(1_000_000);
    const context = JSON.parse(Result?.RetMsg ?? "");
    expect(context).toMatchObject({ function_name: NAME, time_limit_in_ms: 30_000 });
    expect(context.request_id).toBe(Result?.FunctionRequestId);
  });

  test("an event that is not JSON is refused with 400", async () => {
    const { cloud } = await start();

    const answer = await clientOf(cloud).Invoke({ FunctionName: NAME, ClientContext: "{not" });

    expect(JSON.parse(answer.Result?.ErrMsg ?? "")).toMatchObject({ statusCode: 400 });
  });

  test("ListFunctions tells what is deployed; another namespace is not found", async () => {
    const { cloud } = await start();
    cloud.scf.setDeployed("image-generator", false);
    const client = clientOf(cloud);

    const list = await client.ListFunctions({ Namespace: "default" });

    expect(list.Functions?.map((fn) => fn.FunctionName)).toEqual(["ai-image-processor", NAME]);
    const elsewhere = { FunctionName: NAME, Namespace: "elsewhere" };
    await expect(client.GetFunction(elsewhere)).rejects.toMatchObject({
      code: expect.stringContaining("ResourceNotFound"),
    });
  });
});
