import { expect, test } from "bun:test";
import { contentCheckContract } from "../core/ports/contracts/content-check.contract.ts";
import {
  moderationFaultSchema,
  moderationRuleSchema,
} from "../local/cloud-emulator/moderation/moderation-rules.ts";
import { startModerationServer } from "../local/cloud-emulator/moderation/moderation-server.ts";
import { createTencentContentCheck } from "./tencent-content-check.ts";

const KEYS = { secretId: "AKIDcheck", secretKey: "the-check-secret-key" };
const REGION = "ap-guangzhou";
const JPEG = Uint8Array.from([0xff, 0xd8, 0xff, 0xe0, 0, 16, 74, 70, 73, 70, 0, 1]);

contentCheckContract("TMS and IMS over the emulated cloud", async () => {
  const server = await startModerationServer({ keys: KEYS, region: REGION });
  const pictures = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch({ url }) {
      if (url.endsWith(".gone")) return new Response(null, { status: 404 });
      return new Response(url.endsWith("a.jpg") ? JPEG : "text");
    },
  });
  const at = `http://127.0.0.1:${pictures.port}`;
  const { rules } = server;
  return {
    check: createTencentContentCheck({ ...KEYS, region: REGION, endpoint: server.endpoint }),
    pictureUrl: `${at}/a.jpg`,
    noPictureUrl: `${at}/b.txt`,
    rule: (kind, match, suggestion) =>
      rules.add(moderationRuleSchema.parse({ kind, match, suggestion })),
    fail(how) {
      const fault =
        typeof how === "string"
          ? { kind: how }
          : { kind: "code" in how ? "api-error" : "http", ...how };
      rules.addFault(moderationFaultSchema.parse(fault));
    },
    seen: () => JSON.stringify(rules.calls()),
    reset: () => rules.clear(),
    async close() {
      await server.close();
      await pictures.stop(true);
    },
  };
});

test("a wrong key and a wrong region are the operator's to mend, each with its variable", async () => {
  const server = await startModerationServer({ keys: KEYS, region: REGION });
  const { endpoint } = server;

  const errors = [];
  for (const wrong of [{ secretKey: "wrong" }, { secretId: "wrong" }, { region: "ap-nowhere" }]) {
    const check = createTencentContentCheck({ ...KEYS, region: REGION, endpoint, ...wrong });
    const error: unknown = await check
      .text("words", "task_1", AbortSignal.timeout(60_000))
      .catch((thrown: unknown) => thrown);
    errors.push(error);
  }
  await server.close();

  const code = "CONTENT_CHECK_CREDENTIALS";
  expect(errors).toMatchObject([
    { code, operatorMessage: expect.stringContaining("TENCENTCLOUD_SECRET_KEY") },
    { code, operatorMessage: expect.stringContaining("TENCENTCLOUD_SECRET_ID") },
    { code, operatorMessage: expect.stringContaining("TENCENTCLOUD_REGION") },
  ]);
});
