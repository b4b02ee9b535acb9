import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  startEmulatedCloud,
  type EmulatedCloud,
} from "../../local/cloud-emulator/start-emulated-cloud.ts";

const PROJECT = resolve(import.meta.dir, "../..");
const ACCOUNT = { secretId: "AKIDdeploy", secretKey: "the-deploying-secret-key" };
const BUCKET = "drape-1250000000";
const NAME = "image-generator";

const dataDir = mkdtempSync(join(tmpdir(), "drape-deploy-"));
let cloud: EmulatedCloud;
beforeAll(async () => {
  cloud = await startEmulatedCloud({
    ...ACCOUNT,
    region: "ap-guangzhou",
    namespace: "default",
    bucket: BUCKET,
    dataDir,
    functionsDir: join(dataDir, "none"),
    providerEmulators: false,
  });
});
afterAll(async () => {
  await cloud.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

test("the command deploys a real bundle, finds nothing to do then, and exits 1 when a version does not pass", async () => {
  const first = await run([]);
  const again = await run(["--json"]);
  // The functions get another key than the one that deploys: theirs does not open the store.
  const broken = await run([], {
    TENCENTCLOUD_SECRET_KEY: "not-the-key",
    DEPLOY_SECRET_ID: ACCOUNT.secretId,
    DEPLOY_SECRET_KEY: ACCOUNT.secretKey,
  });

  expect([first.code, again.code, broken.code]).toEqual([0, 0, 1]);
  expect(first.out).toContain(`✅ ${NAME}: alias live none -> 1`);
  const report: unknown = JSON.parse(again.stdout);
  expect(report).toMatchObject({ error: null, moved: {}, plans: [{ name: NAME, steps: [] }] });
  expect(broken.out).toContain("COS_SECRET_KEY changed (secret)");
  expect(broken.out).toContain("❌ Version 2 of image-generator does not pass");
  expect(broken.out).toContain("No alias was moved: image-generator at 1");
  expect(first.out + broken.out).not.toMatch(/not-the-key|the-deploying-secret/);
});

test("the command names what is missing, with the cure, and exits 1", async () => {
  const { code, out } = await run([], { ARK_API_KEY: "" });

  expect(code).toBe(1);
  expect(out).toContain("ARK_API_KEY: not set: write it into .env.production");
});

function run(args: readonly string[], more: Readonly<Record<string, string>> = {}) {
  const program = ["commands/deploy-command.ts", "--function", NAME, ...args];
  const child = spawn(process.execPath, program, {
    cwd: PROJECT,
    env: {
      PATH: process.env["PATH"] ?? "",
      no_proxy: "127.0.0.1",
      DRAPE_ENV_FILES: "none",
      NODE_ENV: "development",
      TENCENTCLOUD_SECRET_ID: ACCOUNT.secretId,
      TENCENTCLOUD_SECRET_KEY: ACCOUNT.secretKey,
      COS_BUCKET: BUCKET,
      SCF_ENDPOINT: cloud.scfEndpoint,
      COS_ENDPOINT: cloud.cosEndpoint,
      ARK_API_KEY: "stand-in",
      ...more,
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [stdout, out] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => (out += text));
  }
  return new Promise<{ code: number | null; out: string; stdout: string }>((done) => {
    child.once("close", (code) => done({ code, out, stdout }));
  });
}
