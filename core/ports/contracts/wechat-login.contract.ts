import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { DrapeError, type ErrorCode } from "../../model/errors.ts";
import type { WechatLogin } from "../wechat-login.ts";

export type WechatLoginSubject = {
  readonly login: WechatLogin;
  readonly appId: string;
  /** A code of wx.login for this person. */
  issueCode(person: { readonly openid: string; readonly unionid?: string }): string;
  /** WeChat answers the next so many codes with this error. */
  refuseNext(errcode: number, times: number): void;
  /** How often WeChat was asked. */
  calls(): number;
  close(): Promise<void>;
};

/** What every WechatLogin promises. */
export function wechatLoginContract(name: string, open: () => Promise<WechatLoginSubject>): void {
  describe(`WechatLogin on ${name}`, () => {
    let subject: WechatLoginSubject;
    beforeAll(async () => {
      subject = await open();
    });
    afterAll(() => subject.close());

    test("a code names a person, with the unionid where there is one", async () => {
      const { login, appId, issueCode } = subject;
      const both = { openid: "oAnna", unionid: "uAnna" };

      const [anna, bert] = [
        await login.identify(issueCode(both)),
        await login.identify(issueCode({ openid: "oBert" })),
      ];

      expect(anna).toEqual({ appId, openId: "oAnna", unionId: "uAnna" });
      expect(bert).toEqual({ appId, openId: "oBert", unionId: null });
    });

    test("a code is good once, and what is none is good never", async () => {
      const { login, issueCode } = subject;
      const code = issueCode({ openid: "oAnna" });
      await login.identify(code);

      const errors = [await errorOf(login, code), await errorOf(login, "no such code & more=1")];

      expect(errors.map((error) => error.code)).toEqual(["UNAUTHENTICATED", "UNAUTHENTICATED"]);
      expect(errors[0]?.message).toContain("wx.login");
    });

    const meanings: readonly (readonly [number, ErrorCode, boolean])[] = [
      [40029, "UNAUTHENTICATED", false],
      [40163, "UNAUTHENTICATED", false],
      [41008, "UNAUTHENTICATED", false],
      [45011, "RATE_LIMITED", false],
      [40226, "FORBIDDEN", false],
      [40013, "UNAVAILABLE", true],
      [40125, "UNAVAILABLE", true],
      [41002, "UNAVAILABLE", true],
      [41004, "UNAVAILABLE", true],
      [99999, "UNAVAILABLE", true],
    ];
    for (const [errcode, code, isOperators] of meanings) {
      test(`error ${errcode} is ${code}, and WeChat is asked once`, async () => {
        const { login, issueCode, refuseNext, calls } = subject;
        const before = calls();
        refuseNext(errcode, 1);

        const error = await errorOf(login, issueCode({ openid: "oAnna" }));

        expect(error.code).toBe(code);
        expect(error.operatorMessage !== undefined).toBe(isOperators);
        expect(calls() - before).toBe(1);
      });
    }

    test("a busy WeChat is asked once more, and no third time", async () => {
      const { login, issueCode, refuseNext, calls } = subject;
      const before = calls();
      refuseNext(-1, 1);
      const once = await login.identify(issueCode({ openid: "oAnna" }));
      refuseNext(-1, 2);

      const twice = await errorOf(login, issueCode({ openid: "oAnna" }));

      expect(once.openId).toBe("oAnna");
      expect([twice.code, twice.retryAfterMs]).toEqual(["UNAVAILABLE", 2_000]);
      expect(calls() - before).toBe(4);
    });
  });
}

async function errorOf(login: WechatLogin, code: string): Promise<DrapeError> {
  const error: unknown = await login.identify(code).catch((thrown: unknown) => thrown);
  if (!(error instanceof DrapeError)) throw new Error("a DrapeError was expected");
  return error;
}
