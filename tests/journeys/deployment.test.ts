import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { freshId } from "../../core/model/ids.fixture.ts";
import { startAllInOne, type Product } from "../../commands/all-in-one.ts";
import { startLocalCloud } from "../../local/cloud-emulator/start-with-bundles.ts";
import type { CloudAccess } from "../../runtime/cloud-access.ts";
import type { EmulatedCloud } from "../../local/cloud-emulator/start-emulated-cloud.ts";
import { embeddedConfig } from "../../local/embedded-config.ts";
import { builtFunctions } from "../built-functions.ts";
import { silentLog } from "../silent-log.ts";

const PROJECT = resolve(import.meta.dir, "../..");
const LOGIN = { email: "check@example.com", password: "a long enough password" };

/** The two programs that try a deployment out, as the original commands run them: by Node, from the project's folder. */
describe("a deployment is tried out", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "drape-deployment-"));
  let cloud: EmulatedCloud;
  let access: CloudAccess;
  let product: Product;
  beforeAll(async () => {
    ({ cloud, access } = await startLocalCloud({
      dataDir,
      log: silentLog,
      plainPictures: true,
      ...builtFunctions(),
    }));
    product = await startAllInOne(embeddedConfig(dataDir), {
      dataDir,
      log: silentLog,
      cloud: access,
    });
    const answer = await fetch(`${product.url}/api/v1/auth/register`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(LOGIN),
    });
    const { user } = (await answer.json()) as { user: { id: string } }; // our API's answer
    const id = freshId("trf");
    await product.deps.store.credits.grant({
      id,
      userId: user.id,
      amount: 200,
      reason: "test",
      actor: "system",
    });
  });
  afterAll(async () => {
    await product.stop();
    await cloud.stop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  test("node test-api.js calls every route, one task of each type to its end", async () => {
    const args = ["--url", product.url, "--email", LOGIN.email, "--password", LOGIN.password];

    const { code, out } = await run("test-api.js", [...args, "--paid", "--json"], {});

    const report = JSON.parse(out) as {
      failed: number;
      checks: { name: string; state: string; detail: string }[];
    };
    expect(report.checks.filter(({ state }) => state !== "passed")).toEqual([]);
    expect([code, report.failed]).toEqual([0, 0]);
    expect(report.checks.length).toBeGreaterThan(20);
  });

  test("node test-scf-integration.js calls each function for real", async () => {
    const { code, out } = await run(
      "test-scf-integration.js",
      ["--paid", "--json"],
      cloudEnvironment(),
    );

    const report = JSON.parse(out) as { checks: { name: string; state: string }[] };
    expect(report.checks.filter(({ state }) => state !== "passed")).toEqual([]);
    expect([code, report.checks.length]).toEqual([0, 8]);
  });

  test("both say what fails, and exit 1", async () => {
    const environment = { ...cloudEnvironment(), TENCENTCLOUD_SECRET_KEY: "not-the-key" };

    const scf = await run("test-scf-integration.js", ["--free"], environment);
    const api = await run(
      "test-api.js",
      ["--free", "--url", "http://127.0.0.1:9", "--email", "a@b.cd", "--password", "x"],
      {},
    );

    expect([scf.code, api.code]).toEqual([1, 1]);
    expect(scf.out).toContain("TENCENTCLOUD_SECRET_KEY");
    expect(api.out).toContain("❌ GET /health/live");
  });

  function cloudEnvironment(): Record<string, string> {
    return {
      JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua",
      TENCENTCLOUD_SECRET_ID: access.secretId,
      TENCENTCLOUD_SECRET_KEY: access.secretKey,
      TENCENTCLOUD_REGION: access.region,
      COS_BUCKET: access.bucket,
      SCF_NAMESPACE: access.namespace,
      SCF_ENDPOINT: cloud.scfEndpoint,
      COS_ENDPOINT: cloud.cosEndpoint,
    };
  }
});

function run(program: string, args: readonly string[], environment: Record<string, string>) {
  const child = spawn("node", [program, ...args], {
    cwd: PROJECT,
    env: {
      PATH: process.env["PATH"] ?? "",
      no_proxy: "127.0.0.1",
      DRAPE_ENV_FILES: "none",
      ...environment,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (out += text));
  return new Promise<{ code: number | null; out: string }>((done) => {
    child.once("close", (code) => done({ code, out }));
  });
}
