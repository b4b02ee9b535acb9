import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { openTestApp, problemOf, type TestApp } from "../../tests/test-app.ts";
import { RIGHT_BODIES, TASK_ROUTES } from "../task-bodies.fixture.ts";

const CREATE = "/api/v1/ai-generation/create";
const GENERATE = TASK_ROUTES.GENERATE_ONLY;
const right = { type: "GENERATE_ONLY", input: RIGHT_BODIES.GENERATE_ONLY };

let app: TestApp;
let anna = "";
beforeAll(async () => {
  app = await openTestApp();
  anna = await app.signUp("anna@example.com");
});
afterAll(() => app.close());

function postBytes(
  path: string,
  body: Uint8Array<ArrayBuffer> | string,
  type = "application/json",
) {
  const headers = { "content-type": type, authorization: `Bearer ${anna}` };
  return app.app.request(path, { method: "POST", headers, body });
}

describe("a body in another encoding", () => {
  test("is 415 by the charset of its type, which names the encoding to use", async () => {
    const gbk = Uint8Array.from([...Buffer.from('{"prompt":"'), 0xba, 0xec, ...Buffer.from('"}')]);
    for (const charset of ["gbk", "GB18030", '"big5"', "utf-16le", "iso-8859-1"]) {
      const type = `application/json; charset=${charset}`;

      const problem = await problemOf(await postBytes(GENERATE, gbk, type));

      expect([charset, problem.status]).toEqual([charset, 415]);
      expect(problem.detail).toContain("UTF-8");
    }
  });

  test("is 400 when nothing says so, and names the encoding", async () => {
    const gbk = Uint8Array.from([...Buffer.from('{"prompt":"'), 0xba, 0xec, ...Buffer.from('"}')]);
    for (const type of ["application/json", "application/json; charset=utf-8"]) {
      const problem = await problemOf(await postBytes(GENERATE, gbk, type));

      expect([problem.status, problem.code]).toEqual([400, "MALFORMED_REQUEST"]);
      expect(problem.detail).toContain("UTF-8");
    }
  });

  test("is taken in UTF-8, with its charset in any spelling and with a byte order mark", async () => {
    const body = Buffer.from(`\u{feff}${JSON.stringify(RIGHT_BODIES.GENERATE_ONLY)}`);
    for (const charset of ["utf-8", "UTF8", '"utf-8"']) {
      const type = `application/json;charset=${charset}`;

      const answer = await postBytes(GENERATE, new Uint8Array(body), type);

      expect(answer.status).toBe(402);
    }
  });
});

/** Where a text may stand, with the body that has it there. */
const TEXTS: readonly (readonly [path: string, pointer: string, body: (text: string) => object])[] =
  [
    [GENERATE, "/prompt", (text) => ({ ...right.input, prompt: text })],
    [CREATE, "/metadata/a", (text) => ({ ...right, metadata: { a: text } })],
    [CREATE, "/webhookUrl", (text) => ({ ...right, webhookUrl: `https://example.com/${text}` })],
    [CREATE, "/input/modelConfig/model", (text) => within({ modelConfig: { model: text } })],
    [
      CREATE,
      "/input/referenceImages/0",
      (text) => within({ referenceImages: [`https://a/${text}`] }),
    ],
    [TASK_ROUTES.PROMPT_ONLY, "/clothingType", (text) => prompt({ clothingType: text })],
    [TASK_ROUTES.PROMPT_ONLY, "/sceneType", (text) => prompt({ sceneType: text })],
    [TASK_ROUTES.PREPROCESS_ONLY, "/options/watermark/text", (text) => mark({ text })],
    ["/api/v1/auth/register", "/password", (text) => ({ email: "b@example.com", password: text })],
    ["/api/v1/auth/wechat", "/code", (text) => ({ code: text })],
  ];
const within = (change: object) => ({ ...right, input: { ...right.input, ...change } });
const prompt = (change: object) => ({ ...RIGHT_BODIES.PROMPT_ONLY, ...change });
const mark = (watermark: object) => ({ ...RIGHT_BODIES.PREPROCESS_ONLY, options: { watermark } });

describe("a text that nobody could read again", () => {
  for (const [path, pointer, bodyWith] of TEXTS) {
    test(`at ${pointer} of ${path} is 422 with its pointer`, async () => {
      for (const [bad, code] of [
        ["dress \ud83d", "NOT_UNICODE"],
        ["\udc57 dress", "NOT_UNICODE"],
        ["dress\u0000", "CONTROL_CHARACTER"],
        ["\u001b[31mdress", "CONTROL_CHARACTER"],
        ["dress\u007f", "CONTROL_CHARACTER"],
        ["dress\u0085", "CONTROL_CHARACTER"],
      ] as const) {
        const answer = await app.post(path, bodyWith(`long enough ${bad}`), { token: anna });
        const text = await answer.clone().text();
        const { status, errors } = await problemOf(answer);

        expect([status, errors]).toEqual([422, [expect.objectContaining({ pointer, code })]]);
        expect(text).not.toMatch(/\\ud[89a-f]/i);
      }
    });
  }

  test("a line may end in a prompt, and nowhere else", async () => {
    const lines = "a dress\r\n\tin a studio";
    for (const [path, pointer, bodyWith] of TEXTS) {
      const problem = await problemOf(await app.post(path, bodyWith(lines), { token: anna }));

      const expected = pointer === "/prompt" ? 402 : 422;
      expect([pointer, problem.status]).toEqual([pointer, expected]);
    }
  });

  test("whole characters of every kind are taken", async () => {
    const body = { ...right, metadata: { "款式 👗": "é 👨‍👩‍👧 العربية" } };

    const answer = await app.post(CREATE, body, { token: anna });

    expect(answer.status).toBe(402);
  });

  test("a control character in a query is 422 as well", async () => {
    const problem = await problemOf(
      await app.get("/api/v1/ai-generation/tasks?cursor=%00abcdefgh", anna),
    );

    expect(problem.errors).toEqual([
      expect.objectContaining({ pointer: "/cursor", code: "CONTROL_CHARACTER" }),
    ]);
  });
});

describe("a name that cannot be kept", () => {
  test("is refused with its pointer, and not dropped", async () => {
    const body = (metadata: string) =>
      `${JSON.stringify({ ...right, metadata: {} }).slice(0, -3)}${metadata}}`;
    for (const [metadata, pointer, code] of [
      ['{"__proto__":"x"}', "/metadata/__proto__", "NAME_RESERVED"],
      ['{"a":"b","__proto__":{"c":"d"}}', "/metadata/__proto__", "NAME_RESERVED"],
      ['{"a\\ud83d":"b"}', "/metadata/a\u{fffd}", "NOT_UNICODE"],
      ['{"a\\u0000":"b"}', "/metadata/a\u{fffd}", "CONTROL_CHARACTER"],
    ] as const) {
      const { status, errors } = await problemOf(await postBytes(CREATE, body(metadata)));

      expect([status, errors]).toEqual([422, [expect.objectContaining({ pointer, code })]]);
    }
  });

  test("anywhere else is refused too", async () => {
    for (const body of [
      '{"__proto__":{"prompt":"x"}}',
      '{"prompt":"x","options":{"__proto__":1}}',
    ]) {
      const { errors = [] } = await problemOf(await postBytes(GENERATE, body));

      expect(errors[0]?.code).toBe("NAME_RESERVED");
    }
  });

  test("constructor, prototype and toString are names like any other", async () => {
    const metadata = { constructor: "a", prototype: "b", toString: "c", hasOwnProperty: "d" };

    const answer = await app.post(CREATE, { ...right, metadata }, { token: anna });

    expect(answer.status).toBe(402);
  });

  test("a name as long as a body is cut in what is said of it", async () => {
    const answer = await postBytes(GENERATE, JSON.stringify({ ["n".repeat(1_000_000)]: 1 }));

    expect(answer.status).toBe(422);
    expect((await answer.text()).length).toBeLessThan(2_000);
  });

  test("values nested without end are refused, on every route", async () => {
    const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
    for (const body of [deep, `{"prompt":${deep}}`, `{"options":{"a":${deep}}}`]) {
      const answer = await postBytes(GENERATE, body);

      expect([400, 422]).toContain(answer.status);
    }
  });
});
