import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createCosObjectStore } from "../../cloud/cos-object-store.ts";
import type { ObjectStore } from "../../core/ports/cloud.ts";
import {
  claimedTask,
  finish,
  imageDone,
  promptDone,
} from "../../core/ports/contracts/store.fixture.ts";
import { openTestStore } from "../../db/store.fixture.ts";
import { startLocalCloud } from "../../local/cloud-emulator/start-with-bundles.ts";
import type { CloudAccess } from "../../runtime/cloud-access.ts";
import { builtFunctions } from "../built-functions.ts";
import { silentLog } from "../silent-log.ts";
import { system } from "../../runtime/system.ts";

const COMMAND = resolve(import.meta.dir, "../../commands/verify-command.ts");

let folder = "";
let url = "";
let key = "";
let access: CloudAccess;
let objects: ObjectStore;
let stop = async () => {};
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "drape-objects-"));
  url = `sqlite:${join(folder, "books.sqlite")}`;
  const started = await startLocalCloud({
    dataDir: folder,
    log: silentLog,
    ...builtFunctions(),
  });
  access = started.access;
  stop = () => started.cloud.stop();
  const { cosEndpoint = "", ...target } = access;
  objects = createCosObjectStore({ ...system, ...target, endpoint: cosEndpoint });
  const { store, close } = await openTestStore(url);
  const { taskId, claim: at } = await claimedTask(store);
  key = `t/${taskId}/image-0.jpg`;
  await store.tasks.checkpoint(at, [promptDone, imageDone(0, taskId)]);
  await store.tasks.settle({ ...finish(taskId), fence: at.fence });
  await close();
});
afterAll(async () => {
  await stop();
  rmSync(folder, { recursive: true });
});

/** The command as an operator runs it, with the cloud's keys in its environment. */
async function verify(...args: string[]): Promise<{ code: number | null; out: string }> {
  const child = spawn(process.execPath, [COMMAND, "--database", url, ...args], {
    env: {
      DRAPE_ENV_FILES: "none",
      PATH: process.env["PATH"],
      JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua",
      TENCENTCLOUD_SECRET_ID: access.secretId,
      TENCENTCLOUD_SECRET_KEY: access.secretKey,
      COS_BUCKET: access.bucket,
      COS_ENDPOINT: access.cosEndpoint,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let out = "";
  child.stdout.on("data", (chunk) => {
    out += String(chunk);
  });
  return new Promise((done) => child.on("close", (code) => done({ code, out })));
}

describe("ledger:verify --objects", () => {
  test("passes while every delivered picture is in the object store, and names the one that is not", async () => {
    await objects.put(key, new Uint8Array(900), "image/jpeg");
    const whole = await verify("--objects");
    await objects.put(key, new Uint8Array(899), "image/jpeg");
    const cut = await verify("--objects");
    await objects.delete(key);
    const gone = await verify("--objects", "--json");
    const rowsOnly = await verify();

    expect([whole.code, cut.code, gone.code, rowsOnly.code]).toEqual([0, 1, 1, 0]);
    expect(cut.out).toContain(`"object":"${key}","bytes":900,"found":899`);
    expect(gone.out).toContain(`"object":"${key}","bytes":900,"found":null`);
  });
});
