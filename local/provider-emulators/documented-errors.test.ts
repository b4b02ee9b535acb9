import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { FunctionFailureCode } from "../../core/function-schemas/function-answer.ts";
import { PROVIDER_ROWS as EXPECTED } from "../../tests/error-table/provider-rows.ts";
import type { FailureRow } from "../../scf-functions/shared/classify-failure.ts";
import { rowOf } from "../../scf-functions/shared/classify-failure.ts";
import { ARK_FAILURES } from "../../scf-functions/image-generator/ark-failures.ts";
import type { FunctionError } from "../../scf-functions/shared/function-error.ts";
import { createImageProvider } from "../../scf-functions/image-generator/create-image-provider.ts";
import { OPENAI_FAILURES } from "../../scf-functions/image-generator/openai-failures.ts";
import { runImageGenerator } from "../../scf-functions/image-generator/run-image-generator.ts";
import { CHAT_FAILURES } from "../../scf-functions/prompt-generator/chat-failures.ts";
import { createChatProvider } from "../../scf-functions/prompt-generator/chat-provider.ts";
import { runPromptGenerator } from "../../scf-functions/prompt-generator/run-prompt-generator.ts";
import { createMemoryStore } from "../../scf-functions/testing/memory-store.fixture.ts";
import { smallJpeg } from "../../scf-functions/testing/pictures.fixture.ts";
import { testTools } from "../../scf-functions/testing/tools.fixture.ts";
import { DOCUMENTED_ERRORS, findDocumentedError } from "./documented-errors.ts";
import { EMULATOR_PATHS } from "./provider-emulators.ts";
import { PROVIDER_ENDPOINTS, type ProviderEndpoint } from "./request-log.ts";
import { serveEmulators } from "./serve-emulators.ts";

type UnknownError = readonly [ProviderEndpoint, number, string, FunctionFailureCode, string?];

/** Codes that nobody documents, as gateways answer them too: their words decide, else the status. */
const UNKNOWN: readonly UnknownError[] = [
  ["images.ark", 400, "SensitiveContentDetected", "CONTENT_REJECTED"],
  ["images.ark", 403, "Odd", "PROVIDER_CREDENTIALS"],
  ["images.ark", 429, "Odd", "PROVIDER_BUSY"],
  ["images.ark", 503, "Odd", "PROVIDER_FAILED"],
  ["images.ark", 422, "Odd", "PROVIDER_REQUEST_REFUSED"],
  ["images.openai", 402, "odd", "PROVIDER_UNPAID"],
  ["images.openai", 401, "odd", "PROVIDER_CREDENTIALS"],
  ["images.openai", 429, "odd", "PROVIDER_BUSY"],
  ["images.openai", 502, "odd", "PROVIDER_FAILED"],
  ["images.openai", 422, "odd", "PROVIDER_REQUEST_REFUSED"],
  ["chat.tokenhub", 402, "odd", "PROVIDER_UNPAID"],
  ["chat.tokenhub", 403, "odd", "PROVIDER_CREDENTIALS"],
  ["chat.tokenhub", 422, "odd", "PROVIDER_REQUEST_REFUSED"],
  ...(["images.ark", "images.openai", "chat.tokenhub"] as const).flatMap(
    (endpoint): readonly UnknownError[] => [
      [endpoint, 402, "Odd", "PROVIDER_UNPAID"],
      [endpoint, 403, "insufficient_user_quota", "PROVIDER_UNPAID"],
      [endpoint, 400, "Arrearage", "PROVIDER_UNPAID"],
      [endpoint, 403, "OverdueBalanceError", "PROVIDER_UNPAID"],
      [endpoint, 429, "1113", "PROVIDER_UNPAID", "余额不足或无可用资源包,请充值。"],
      [endpoint, 403, "30001", "PROVIDER_UNPAID", "Sorry, your account balance is insufficient"],
      [endpoint, 403, "odd", "PROVIDER_CREDENTIALS", "insufficient permissions for this model"],
      [endpoint, 400, "data_inspection_failed", "CONTENT_REJECTED"],
      [endpoint, 400, "DataInspectionFailed", "CONTENT_REJECTED"],
      [endpoint, 400, "1301", "CONTENT_REJECTED", "系统检测到输入内容可能包含敏感内容"],
    ],
  ),
];

const { origin, addFault, stop } = serveEmulators();
let photo: Buffer;
beforeAll(async () => {
  photo = await smallJpeg();
});
afterAll(() => stop());

/** What the function's own code makes of the emulator's next answer. */
async function failureAt(endpoint: ProviderEndpoint, fault: object): Promise<unknown> {
  expect((await addFault({ route: endpoint, ...fault })).status).toBe(201);
  const store = createMemoryStore({ "a.jpg": photo });
  if (endpoint === "images.ark" || endpoint === "images.openai") {
    const [, name] = endpoint.split(".");
    const provider =
      name === "ark"
        ? ({ name: "ark", baseUrl: `${origin}${EMULATOR_PATHS.ark}`, streams: false } as const)
        : ({ name: "openai", baseUrl: `${origin}${EMULATOR_PATHS.openai}`, model: "m" } as const);
    const providers = [createImageProvider({ ...provider, apiKey: "k" })];
    const event = {
      model: "doubao-seedream-4-0-250828",
      prompt: "A red dress.",
      size: "1024x1024",
      optimizeMode: "standard" as const,
      referenceKeys: [],
      images: [{ index: 0, key: "out/0" }],
    };
    const { images } = await runImageGenerator({ store, providers }, event, testTools());
    return images[0]?.ok === false ? images[0].failure : "no failure";
  }
  const name = endpoint === "chat.ark" ? "ark" : endpoint === "chat.openai" ? "openai" : "tokenhub";
  const baseUrl = `${origin}${EMULATOR_PATHS[name]}`;
  const provider = createChatProvider({ name, baseUrl, apiKey: "k", keyName: "KEY", model: "m" });
  const word = { id: "a", en: "a", zh: "一" };
  const event = { images: ["a.jpg"], to: "p.json", scene: word, style: word };
  return runPromptGenerator({ store, providers: [provider] }, event, testTools()).then(
    () => "no failure",
    (error: unknown) => error,
  );
}

describe("every documented error, through the functions' own code", () => {
  for (const endpoint of PROVIDER_ENDPOINTS) {
    for (const [code, retryAfterMs, errors] of EXPECTED[endpoint]) {
      for (const error of errors) {
        test(`${endpoint} answers ${error}: ${code}`, async () => {
          const failure = await failureAt(endpoint, { error });

          expect(failure).toMatchObject({ code, ran: "no", providerCode: error });
          expect((failure as { retryAfterMs?: number }).retryAfterMs).toBe(retryAfterMs);
        });
      }
    }
  }

  for (const [endpoint, status, code, expected, message] of UNKNOWN) {
    test(`${endpoint} answers ${status} with a code that is not known (${code} ${message}): ${expected}`, async () => {
      const failure = await failureAt(endpoint, { kind: "status", status, code, message });

      expect(failure).toMatchObject({ code: expected, ran: "no", providerCode: code });
    });
  }

  for (const endpoint of PROVIDER_ENDPOINTS) {
    const ways = endpoint === "images.ark" ? (["body", "events"] as const) : (["body"] as const);
    for (const inside of ways) {
      test(`${endpoint} answers 200 with each of its errors in the ${inside}: it means the same`, async () => {
        const seen: [string, unknown][] = [];
        for (const error of EXPECTED[endpoint].flatMap(([, , errors]) => errors)) {
          const { code, ran } = (await failureAt(endpoint, { error, inside })) as FunctionError;
          seen.push([error, `${code} ${ran}`]);
        }

        const expected = EXPECTED[endpoint].flatMap(([code, , errors]) =>
          errors.map((error) => [error, `${code} no`]),
        );
        expect(seen).toEqual(expected as [string, unknown][]);
      });
    }
  }

  test("the provider's own wait goes before ours", async () => {
    const fault = { error: "ServerOverloaded", retryAfterSeconds: 7 };

    expect(await failureAt("images.ark", fault)).toMatchObject({ retryAfterMs: 7_000 });
  });

  test("nothing is left out: each documented error, and each row of the tables", () => {
    const tables: readonly (readonly [readonly FailureRow[], readonly ProviderEndpoint[]])[] = [
      [ARK_FAILURES, ["images.ark"]],
      [OPENAI_FAILURES, ["images.openai"]],
      [CHAT_FAILURES, ["chat.ark", "chat.openai", "chat.tokenhub"]],
    ];
    const errorsOf = (endpoint: ProviderEndpoint) => [
      ...EXPECTED[endpoint].flatMap(([, , codes]) =>
        codes.flatMap((code) => findDocumentedError(endpoint, code) ?? []),
      ),
      ...UNKNOWN.flatMap(([at, status, code, , message = ""]) =>
        at === endpoint ? [{ status, code, type: "", message }] : [],
      ),
    ];
    const own = { retryAfterMs: undefined, isProvidersOwn: true };

    for (const endpoint of PROVIDER_ENDPOINTS) {
      const expected = EXPECTED[endpoint].flatMap(([, , codes]) => codes);
      expect([...expected].sort()).toEqual(
        DOCUMENTED_ERRORS[endpoint].map(({ code }) => code).sort(),
      );
    }
    for (const [table, endpoints] of tables) {
      const hit = endpoints.flatMap(errorsOf).map((error) => rowOf(table, { ...error, ...own }));
      expect(table.filter((row) => !hit.includes(row))).toEqual([]);
    }
  });
});
