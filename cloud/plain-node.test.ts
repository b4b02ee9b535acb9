import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { findNode } from "../local/cloud-emulator/find-node.ts";
import { startFixtureCloud, type FixtureCloud } from "../local/cloud-emulator/cloud.fixture.ts";

const run = promisify(execFile);

/** Under plain Node: the same calls as the contract's, and how each ends. */
const CHECK = `
import { createCosObjectStore } from ${JSON.stringify(join(import.meta.dir, "cos-object-store.ts"))};
import { system } from ${JSON.stringify(join(import.meta.dir, "../runtime/system.ts"))};
import { createScfInvoker } from ${JSON.stringify(join(import.meta.dir, "scf-invoker.ts"))};
const settings = JSON.parse(process.argv[2]);
const { scfEndpoint, cosEndpoint, ...account } = settings;
const name = "prompt-generator";
const bounded = () => AbortSignal.timeout(60000);
const endOf = (work) => work.then((value) => value, (error) =>
  error.name === "DrapeError" ? error.code + " " + error.ran : "no DrapeError: " + error);
const invoker = (more) => createScfInvoker({ ...account, endpoint: scfEndpoint, ...more });
const call = (event, signal = bounded(), more = {}) => endOf(invoker(more).call(name, event, signal));
const store = (more) => createCosObjectStore({ ...system, ...account, endpoint: cosEndpoint, ...more });
await store({}).put("node.txt", new TextEncoder().encode("node"), "text/plain");
const ends = {
  node: "bun" in process.versions ? "bun" : "node",
  echo: await call({ do: "echo", value: 1 }),
  thrown: await call({ do: "throw", value: "x" }),
  aborted: await call({ do: "wait", ms: 1000 }, AbortSignal.timeout(100)),
  before: await call({ do: "echo" }, AbortSignal.abort()),
  refused: await call({}, bounded(), { endpoint: "127.0.0.1:1" }),
  unknownHost: await call({}, bounded(), { endpoint: "localhost.invalid" }),
  wrongKey: await call({}, bounded(), { secretKey: "wrong" }),
  cut: await call({ fault: 1 }),
  garbage: await call({ fault: 2 }),
  badGateway: await call({ fault: 3 }),
  got: new TextDecoder().decode(await store({}).get("node.txt", 100)),
  fetched: await (await fetch(store({}).signedGetUrl("node.txt", Date.now()))).text(),
  missing: await store({}).get("missing.txt", 100),
  missingHead: await store({}).head("missing.txt"),
  storeWrongKey: await endOf(store({ secretKey: "wrong" }).get("node.txt", 100)),
  storeRefused: await endOf(store({ endpoint: "127.0.0.1:1" }).head("node.txt")),
};
console.log(JSON.stringify(ends));
process.exit(0);
`;

const EXPECTED = {
  echo: { value: 1 },
  thrown: "FUNCTION_FAILED yes",
  aborted: "FUNCTION_TIMEOUT unknown",
  before: "FUNCTION_TIMEOUT no",
  refused: "FUNCTION_UNREACHABLE no",
  unknownHost: "FUNCTION_UNREACHABLE no",
  wrongKey: "FUNCTION_CREDENTIALS no",
  cut: "FUNCTION_UNREACHABLE unknown",
  garbage: "FUNCTION_ANSWER_INVALID unknown",
  badGateway: "FUNCTION_FAILED unknown",
  got: "node",
  fetched: "node",
  missing: null,
  missingHead: null,
  storeWrongKey: "STORAGE_CREDENTIALS no",
  storeRefused: "STORAGE_FAILED unknown",
};

describe("both adapters end alike", () => {
  let cloud: FixtureCloud;
  let source: string;
  let settings: string;
  beforeAll(async () => {
    cloud = await startFixtureCloud();
    source = join(cloud.dir, "check.ts");
    await writeFile(source, CHECK);
    settings = JSON.stringify({
      ...cloud.account,
      scfEndpoint: cloud.scf.endpoint,
      cosEndpoint: cloud.cos.endpoint,
    });
  });
  afterAll(() => cloud.close());

  const addFaults = (): void => {
    const facts = { function: "prompt-generator", status: 500, code: "", delayMs: 0, times: 1 };
    const fault = { ...facts, httpStatus: 502, skip: 0 };
    // Three calls before these reach the function: echo, thrown and aborted.
    cloud.scf.faults.add({ ...fault, kind: "reset", skip: 3 });
    cloud.scf.faults.add({ ...fault, kind: "garbage" });
    cloud.scf.faults.add({ ...fault, kind: "http" });
  };
  const endsOf = async (program: string, args: string[], env: object): Promise<unknown> => {
    cloud.scf.faults.clear();
    addFaults();
    const { stdout } = await run(program, [...args, settings], {
      env: { PATH: process.env["PATH"] ?? "", ...env },
    });
    return JSON.parse(stdout);
  };

  test("under Bun", async () => {
    expect(await endsOf(process.execPath, [source], {})).toEqual({ node: "bun", ...EXPECTED });
  });

  test("under plain Node, bundled, with a proxy in the environment that leads nowhere", async () => {
    const bundle = join(cloud.dir, "check.mjs");
    await run(process.execPath, ["build", source, "--target=node", `--outfile=${bundle}`]);

    const node = findNode(process.env["PATH"] ?? "");
    const ends = await endsOf(node, [bundle], { http_proxy: "http://127.0.0.1:9" });

    expect(ends).toEqual({ node: "node", ...EXPECTED });
  });
});
