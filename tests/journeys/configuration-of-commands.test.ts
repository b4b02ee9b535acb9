import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startLocalCloud } from "../../local/cloud-emulator/start-with-bundles.ts";
import { CONFIG_NAMES, CONFIG_TABLE, type ConfigName } from "../../runtime/config/config-table.ts";
import type { StartedCloud } from "../../runtime/embedded-cloud.ts";
import { loadEnvironment } from "../../runtime/load-environment.ts";
import { readDeploySettings } from "../../scf-functions/deploy/deploy-settings.ts";
import { arrivalTable, type Arrival } from "../configuration-table.ts";
import { runProgram } from "../run-program.ts";
import { builtFunctions } from "../built-functions.ts";
import { silentLog } from "../silent-log.ts";

const arrivals: Arrival[] = [];

const folder = mkdtempSync(join(tmpdir(), "drape-config-"));
afterAll(() => {
  const seen = [...new Set(arrivals.map(({ command }) => command))];
  process.stdout.write(`${arrivalTable(arrivals, seen)}\n`);
  rmSync(folder, { recursive: true, force: true });
});

const run = (program: string, args: readonly string[], variables: Record<string, string>) =>
  runProgram(program, args, { cwd: folder, variables });

describe("commands that do one thing", () => {
  let cloud: StartedCloud;
  beforeAll(async () => {
    cloud = await startLocalCloud({
      dataDir: join(folder, "cloud"),
      log: silentLog,
      plainPictures: true,
      ...builtFunctions(),
    });
  }, 60_000);
  afterAll(() => cloud.cloud.stop());

  test("db:migrate, admin:make and ledger:verify work on the database that DATABASE_URL names", () => {
    const file = join(folder, "named.sqlite");
    const environment = { DATABASE_URL: `sqlite:${file}` };

    const migrated = run("commands/migrate-command.ts", [], environment);
    const admin = run("commands/make-admin-command.ts", ["--email", "a@b.cd"], environment);
    const verified = run("commands/verify-command.ts", [], environment);
    const looked = run("commands/verify-command.ts", ["--objects"], {
      ...environment,
      ...cloudVariables(),
    });

    expect([migrated.status, existsSync(file)]).toEqual([0, true]);
    expect([admin.status, admin.err]).toEqual([1, expect.stringContaining("no account yet")]);
    expect([verified.status, looked.status]).toEqual([0, 0]);
    for (const { err } of [migrated, admin, verified])
      expect(err).toContain(`database=sqlite:${file}`);
    expect(looked.err).toContain(cloud.access.bucket);
    for (const command of ["db:migrate", "admin:make", "ledger:verify"] as const) {
      arrivals.push({ command, name: "DATABASE_URL", arrived: true });
    }
  }, 60_000);

  test("ledger:verify --objects is refused without the cloud's keys", () => {
    const { status, err } = run("commands/verify-command.ts", ["--objects"], {
      DATABASE_URL: `sqlite:${join(folder, "named.sqlite")}`,
    });

    expect(status).toBe(2);
    for (const name of [
      "TENCENTCLOUD_SECRET_ID",
      "TENCENTCLOUD_SECRET_KEY",
      "COS_BUCKET",
    ] as const) {
      expect(err).toContain(`${name}: not set`);
      arrivals.push({ command: "ledger:verify --objects", name, arrived: true });
    }
  }, 60_000);

  test("test:scf tries the functions of the cloud that the environment names, with its image model", async () => {
    const variables = {
      ...cloudVariables(),
      IMAGE_MODEL: "doubao-seedream-4-5-251128",
      COST_PER_IMAGE: "0.5",
      COST_CURRENCY: "EUR",
    };

    const { status, out, err } = run(
      "tests/deployment/test-scf.ts",
      ["--paid", "--strict", "--json"],
      variables,
    );
    const wrong = run("tests/deployment/test-scf.ts", ["--strict"], {
      ...variables,
      SCF_QUALIFIER: "nowhere",
    });

    const log = await fetch(`${cloud.cloud.providersUrl}/control/log`).then((answer) =>
      answer.text(),
    );
    expect([status, JSON.parse(out).failed]).toEqual([0, 0]);
    expect(log).toContain("doubao-seedream-4-5-251128");
    expect(err).toContain("this buys one picture, about 0.5 EUR");
    expect([wrong.status, wrong.out]).toEqual([1, expect.stringContaining("nowhere")]);
    for (const name of [...(Object.keys(variables) as ConfigName[]), "SCF_QUALIFIER"] as const) {
      arrivals.push({ command: "test:scf", name, arrived: true });
    }
  }, 90_000);

  test("deploy:scf gives the functions what its keys say", () => {
    const variables = {
      NODE_ENV: "production",
      TENCENTCLOUD_SECRET_ID: "id",
      TENCENTCLOUD_SECRET_KEY: "key",
      TENCENTCLOUD_REGION: "ap-shanghai",
      COS_BUCKET: "table-1250000001",
      SCF_NAMESPACE: "table",
      SCF_QUALIFIER: "beta",
      SCF_ENDPOINT: "127.0.0.1:1",
      COS_ENDPOINT: "127.0.0.1:2",
      ALLOW_STAND_INS: "true",
      IMAGE_SOURCE_ALLOW: "127.0.0.1:8081",
      DEPLOY_SECRET_ID: "deployer",
      DEPLOY_SECRET_KEY: "deployer-key",
      SCF_ROLE: "drape-functions",
      SCF_RESERVE_MEMORY: "true",
      SCF_IMAGE_LIBRARY: "wasm",
      PROMPT_PROVIDERS: "tokenhub,ark,openai,chat",
      IMAGE_PROVIDERS: "ark,openai",
      PROMPT_API_KEY: "p-key",
      PROMPT_BASE_URL: "https://p.example.com/v1",
      PROMPT_MODEL: "p-model",
      ARK_API_KEY: "a-key",
      ARK_BASE_URL: "https://a.example.com/api/v3",
      ARK_MODEL: "a-model",
      ARK_STREAM: "true",
      TOKENHUB_API_KEY: "t-key",
      TOKENHUB_BASE_URL: "https://t.example.com/v1",
      TOKENHUB_MODEL: "t-model",
      OPENAI_API_KEY: "o-key",
      OPENAI_BASE_URL: "https://o.example.com/v1",
      OPENAI_IMAGE_MODEL: "o-image",
      OPENAI_MODEL: "o-model",
    } satisfies Partial<Record<ConfigName, string>>;

    const loaded = loadEnvironment("deploy:scf", variables, folder);
    const settings = JSON.stringify(readDeploySettings(loaded.variables));

    const names = CONFIG_NAMES.filter((name) => CONFIG_TABLE[name].commands.includes("deploy:scf"));
    expect(Object.keys(variables).sort()).toEqual([...names].sort());
    const hidden = ["NODE_ENV", "ALLOW_STAND_INS", "SCF_RESERVE_MEMORY", "TENCENTCLOUD_SECRET_ID"];
    // With a role the functions get no keys, and who deploys is another: the product's key stays out.
    hidden.push("TENCENTCLOUD_SECRET_KEY");
    for (const [name, value] of Object.entries(variables)) {
      const arrived = hidden.includes(name) || settings.includes(value);
      expect({ name, arrived }).toEqual({ name, arrived: true });
      arrivals.push({ command: "deploy:scf", name: name as ConfigName, arrived });
    }
    expect(settings).toContain('"reservedMemoryMb":');
    expect(settings).not.toContain('"reservedMemoryMb":null');
  });

  function cloudVariables(): Record<string, string> {
    const { access } = cloud;
    return {
      TENCENTCLOUD_SECRET_ID: access.secretId,
      TENCENTCLOUD_SECRET_KEY: access.secretKey,
      TENCENTCLOUD_REGION: access.region,
      COS_BUCKET: access.bucket,
      SCF_NAMESPACE: access.namespace,
      SCF_ENDPOINT: cloud.cloud.scfEndpoint,
      COS_ENDPOINT: cloud.cloud.cosEndpoint,
    };
  }
});
