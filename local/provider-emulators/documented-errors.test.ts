import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { FunctionFailureCode } from "../../core/function-schemas/function-answer.ts";
import { PROVIDER_ROWS as EXPECTED } from "../../tests/error-table/provider-rows.ts";
import type { FailureRow } from "../../scf-functions/shared/classify-failure.ts";
import { rowOf } from "../../scf-functions/shared/classify-failure.ts";
import { ARK_FAILURES } from "../../scf-functions/image-generator/ark-failures.ts";
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

/** Codes that nobody documents: the status decides. */
const UNKNOWN: readonly (readonly [ProviderEndpoint, number, string, FunctionFailureCode])[] = [
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

  for (const [endpoint, status, code, expected] of UNKNOWN) {
    test(`${endpoint} answers ${status} with a code that is not known (${code}): ${expected}`, async () => {
      const failure = await failureAt(endpoint, { kind: "status", status, code });

      expect(failure).toMatchObject({ code: expected, ran: "no", providerCode: code });
    });
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
      ...UNKNOWN.flatMap(([at, status, code]) =>
        at === endpoint ? [{ status, code, type: "", message: "" }] : [],
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
