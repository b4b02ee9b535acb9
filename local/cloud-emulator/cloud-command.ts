import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { createLog } from "../../core/resilience/log.ts";
import type { EmbeddedCloudOptions } from "../../runtime/embedded-cloud.ts";
import { startLocalCloud } from "./start-with-bundles.ts";
import { startServers, type Servers } from "../dev/start-servers.ts";

const USAGE = `npm run cloud -- [--redis] [--mysql] [--quick]

An emulated Tencent Cloud alone, on loopback, to rehearse a deployment against (docs/deploy.md): it has the three functions
already, as somebody else would have deployed them, and emulators for the AI providers. Prints what to set, and runs until
Ctrl-C; nothing of it is kept, so that every rehearsal begins anew.
  --redis   with a private Redis, by this machine's redis-server
  --mysql   with a private database, by this machine's MariaDB or MySQL server
  --quick   a function's change is there at the first look, instead of after some seconds`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      redis: { type: "boolean", default: false },
      mysql: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) {
    process.stdout.write(`${USAGE}\n`);
    return;
  }
  const stopRequested = new Promise<void>((resolve) => {
    process.once("SIGINT", () => resolve()).once("SIGTERM", () => resolve());
  });
  const dataDir = await mkdtemp(join(tmpdir(), "drape-rehearsal-"));
  let servers: Servers | null = null;
  try {
    servers = await startServers(values, dataDir);
    const options = { dataDir, log, ...(values.quick ? { pendingPolls: 0 } : {}) };
    const { variables, stop } = await startCloud(options, servers);
    const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    process.stdout.write(`${lines.join("\n")}\n\n`);
    process.stderr.write("✅ it listens; write these lines into .env.production. Ctrl-C ends it\n");
    await stopRequested;
    await stop();
  } finally {
    await servers?.stop();
    await rm(dataDir, { recursive: true, force: true });
  }
}

const log = createLog({
  format: "pretty",
  level: "quiet",
  write: (line) => process.stderr.write(`${line}\n`),
  nowMs: () => Date.now(),
});

/** What `.env.production` has to say for the product to work on this cloud and these servers. */
async function startCloud(options: EmbeddedCloudOptions, servers: Servers) {
  const { access, cloud } = await startLocalCloud(options);
  const variables: Readonly<Record<string, string>> = {
    ...servers.variables,
    TENCENTCLOUD_SECRET_ID: access.secretId,
    TENCENTCLOUD_SECRET_KEY: access.secretKey,
    TENCENTCLOUD_REGION: access.region,
    COS_BUCKET: access.bucket,
    SCF_NAMESPACE: access.namespace,
    PROMPT_API_KEY: "stand-in",
    PROMPT_BASE_URL: `${cloud.providersUrl}/v1`,
    ARK_API_KEY: "stand-in",
    ARK_BASE_URL: `${cloud.providersUrl}/api/v3`,
    SCF_ENDPOINT: cloud.scfEndpoint,
    COS_ENDPOINT: cloud.cosEndpoint,
    CONTENT_CHECK_ENDPOINT: cloud.moderationEndpoint,
    ALLOW_STAND_INS: "true",
  };
  return { variables, stop: () => cloud.stop() };
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`❌ ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
