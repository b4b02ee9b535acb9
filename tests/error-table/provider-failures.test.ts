import { execFile } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { ProviderEndpoint } from "../../local/provider-emulators/request-log.ts";
import type { EmulatedCloud } from "../../local/cloud-emulator/start-emulated-cloud.ts";
import { startLocalCloud } from "../../local/cloud-emulator/start-with-bundles.ts";
import type { CloudAccess } from "../../runtime/cloud-access.ts";
import { smallJpeg } from "../../scf-functions/testing/pictures.fixture.ts";
import { builtFunctions } from "../built-functions.ts";
import { silentLog } from "../silent-log.ts";
import type { SeenProviderError } from "./drive-provider-rows.ts";
import { PROVIDER_ROWS } from "./provider-rows.ts";
import { RUNTIMES } from "../runtimes.ts";

/** Which providers the functions are deployed with. */
const DEPLOYMENTS: readonly (readonly [string, readonly ProviderEndpoint[], object])[] = [
  ["Ark and TokenHub", ["images.ark", "chat.tokenhub"], {}],
  [
    "OpenAI and Ark",
    ["images.openai", "chat.ark"],
    { IMAGE_PROVIDERS: "openai", PROMPT_PROVIDERS: "ark" },
  ],
];

describe.each(DEPLOYMENTS)(
  "every documented error of %s, through the deployed functions",
  (_, endpoints, env) => {
    const dataDir = mkdtempSync(join(tmpdir(), "drape-rows-"));
    let cloud: EmulatedCloud;
    let access: CloudAccess;
    beforeAll(async () => {
      ({ cloud, access } = await startLocalCloud({
        dataDir,
        log: silentLog,
        ...builtFunctions(),
        extraFunctionEnv: { ...env },
      }));
    });
    afterAll(async () => {
      await cloud.stop();
      rmSync(dataDir, { recursive: true, force: true });
    });

    test.each(Object.entries(RUNTIMES))("is told apart on %s", async (runtime, program) => {
      const input = JSON.stringify({ access, providersUrl: cloud.providersUrl, endpoints });
      const photo = (await smallJpeg()).toString("base64");

      const { stdout } = await promisify(execFile)(
        program,
        [join(import.meta.dir, "drive-provider-rows.ts"), input, photo],
        { env: { PATH: process.env["PATH"] ?? "", no_proxy: "127.0.0.1" } },
      );

      const lines = stdout.trim().split("\n");
      const seen = lines.map((line): SeenProviderError => JSON.parse(line)); // our own driver's lines
      const expected = endpoints.flatMap((at) =>
        PROVIDER_ROWS[at].flatMap(([code, , errors]) =>
          errors.map((error) => ({ endpoint: at, error, code, ran: "no" })),
        ),
      );
      expect(seen).toEqual(expected);
      process.stdout.write(`📊 on ${runtime}: ${seen.length} provider errors, all classed right\n`);
    });
  },
);
