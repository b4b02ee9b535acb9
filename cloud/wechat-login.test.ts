import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { inspect } from "node:util";
import { DrapeError } from "../core/model/errors.ts";
import { createLog } from "../core/resilience/log.ts";
import { wechatLoginContract } from "../core/ports/contracts/wechat-login.contract.ts";
import { systemClock } from "../runtime/system-clock.ts";
import { serveWechat, type ServedWechat } from "../tests/serve-wechat.ts";
import { createWechatLogin, type WechatLoginOptions } from "./wechat-login.ts";

const APP = { appId: "wxcanaryapp", appSecret: "canary-secret" };

function loginTo(baseUrl: string, more: Partial<WechatLoginOptions> = {}) {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const log = createLog({ format: "json", level: "all", write, nowMs: Date.now });
  const options = { ...APP, baseUrl, clock: systemClock, log, busyWaitMs: 1, ...more };
  return { login: createWechatLogin(options), lines };
}

wechatLoginContract("the emulator", async () => {
  const wechat = serveWechat([APP]);
  const refusal = (errcode: number) => () => Response.json({ errcode, errmsg: "no" });
  return {
    ...wechat,
    login: loginTo(wechat.url).login,
    appId: APP.appId,
    refuseNext: (errcode, times) => wechat.answerNext(refusal(errcode), times),
    close: () => wechat.stop(),
  };
});

describe("WeChat that answers wrongly or not at all", () => {
  let wechat: ServedWechat;
  beforeAll(() => {
    wechat = serveWechat([APP]);
  });
  afterAll(() => wechat.stop());

  const oddities: readonly (readonly [string, (request: Request) => Response])[] = [
    ["is no JSON", () => new Response("<html>")],
    ["is JSON of another kind", () => Response.json([1])],
    ["names nobody", () => Response.json({ errcode: 0, openid: "", session_key: "k" })],
    ["has status 502", () => new Response("{}", { status: 502 })],
    ["is too long", () => Response.json({ openid: "oAnna", filler: "x".repeat(20_000) })],
    [
      "leads elsewhere",
      ({ url }) => Response.redirect(`${new URL(url).origin}/sns/jscode2session`),
    ],
  ];
  for (const [what, answer] of oddities) {
    test(`an answer that ${what} is UNAVAILABLE, and not asked for again`, async () => {
      const { login } = loginTo(wechat.url);
      const before = wechat.calls();
      wechat.answerNext(answer);

      const error = await thrownBy(login.identify("dev-anna"));

      expect([error.code, wechat.calls() - before]).toEqual(["UNAVAILABLE", 1]);
    });
  }

  test("one that does not answer is given up in time", async () => {
    const { login, lines } = loginTo(wechat.url, { timeoutMs: 50 });
    wechat.answerNext(() => new Promise<Response>(() => undefined));

    const error = await thrownBy(login.identify("dev-anna"));

    expect(error.code).toBe("UNAVAILABLE");
    expect(lines.join()).toContain("did not answer in time");
  });

  test("one whose answer stops in the middle is given up in time", async () => {
    const { login } = loginTo(wechat.url, { timeoutMs: 50 });
    const endless = () =>
      new ReadableStream({ start: (controller) => controller.enqueue(new Uint8Array([123])) });
    wechat.answerNext(() => new Response(endless()));

    const error = await thrownBy(login.identify("dev-anna"));

    expect(error.code).toBe("UNAVAILABLE");
  });
});

describe("what nobody may read", () => {
  test("neither secret, code nor session key is in an answer, an error or the log, whatever fails", async () => {
    const wechat = serveWechat([APP]);
    const code = wechat.issueCode({ openid: "oAnna" });
    const { login, lines } = loginTo(wechat.url, { timeoutMs: 500 });
    const shown: unknown[] = [await login.identify(code)];
    const canaryCode = "dev-canary-code";
    const cut = () => new Response(new ReadableStream({ pull: (c) => c.error(new Error("cut")) }));

    shown.push(await thrownBy(login.identify(code)));
    for (const errcode of [-1, 40013, 40125, 99999]) {
      wechat.answerNext(() => Response.json({ errcode, errmsg: `${canaryCode} canary-secret` }), 2);
      shown.push(await thrownBy(login.identify(canaryCode)));
      if (errcode !== -1) wechat.answerNext(() => new Response("no"));
      if (errcode !== -1) await thrownBy(login.identify(canaryCode));
    }
    wechat.answerNext(cut);
    shown.push(await thrownBy(login.identify(canaryCode)));
    await wechat.stop();
    shown.push(await thrownBy(login.identify(canaryCode)));

    const all = `${inspect(shown, { depth: 10, showHidden: true })} ${lines.join("\n")}`;
    expect(lines.length).toBeGreaterThan(3);
    expect(wechat.sessionKeys).toHaveLength(1);
    for (const secret of [APP.appSecret, code, canaryCode, ...wechat.sessionKeys]) {
      expect(all).not.toContain(secret);
    }
  });

  test("the operator is told which variable to look at", async () => {
    const wechat = serveWechat([APP]);
    const wrong = [{ appId: "wxother" }, { appSecret: "other" }];

    const logged = [];
    for (const more of wrong) {
      const { login, lines } = loginTo(wechat.url, more);
      await thrownBy(login.identify("dev-anna"));
      logged.push(lines.join());
    }

    expect(logged[0]).toContain("WECHAT_APP_ID");
    expect(logged[1]).toContain("WECHAT_APP_SECRET");
    await wechat.stop();
  });
});

async function thrownBy(work: Promise<unknown>): Promise<DrapeError> {
  const error: unknown = await work.catch((thrown: unknown) => thrown);
  if (!(error instanceof DrapeError))
    throw new Error(`a DrapeError was expected, ${inspect(error)}`);
  return error;
}
