import { createHash, randomBytes } from "node:crypto";
import { Hono } from "hono";

export type WechatApp = { readonly appId: string; readonly appSecret: string };

/** The mini-program that the emulator knows when it is told no other. */
export const EMULATOR_APP: WechatApp = { appId: "wx0000000000000000", appSecret: "stand-in" };

type WechatPerson = { readonly openid: string; readonly unionid?: string };

export type WechatEmulator = {
  fetch(request: Request): Response | Promise<Response>;
  /** A code for this person, good for one call within five minutes. */
  issueCode(person: WechatPerson): string;
  /** The next so many calls are answered by this instead. */
  answerNext(answer: (request: Request) => Response | Promise<Response>, times?: number): void;
  /** Calls so far, whatever they were answered. */
  calls(): number;
  /** Every session key that was given out. */
  readonly sessionKeys: readonly string[];
};

const CODE_LIFE_MS = 5 * 60_000;
const CODES_MAX = 1_000;

/**
 * WeChat's `code2Session` on this machine. Codes of `issueCode` are used up by one call. `dev-<name>` is that person
 * every time, the same in every mini-program, and `error-<errcode>` is answered with that code.
 */
export function createWechatEmulator(
  apps: readonly WechatApp[] = [EMULATOR_APP],
  nowMs: () => number = Date.now,
): WechatEmulator {
  const codes = new Map<string, WechatPerson & { readonly untilMs: number; used: boolean }>();
  const planned: ((request: Request) => Response | Promise<Response>)[] = [];
  const sessionKeys: string[] = [];
  let calls = 0;

  const answerOf = (query: Readonly<Record<string, string>>): object => {
    const { appid = "", secret = "", js_code: code = "", grant_type: type } = query;
    if (appid === "") return failure(41002, "appid missing");
    if (secret === "") return failure(41004, "appsecret missing");
    if (code === "") return failure(41008, "missing code");
    if (type !== "authorization_code") return failure(40002, "invalid grant_type");
    const app = apps.find(({ appId }) => appId === appid);
    if (app === undefined) return failure(40013, "invalid appid");
    if (app.appSecret !== secret) return failure(40125, "invalid appsecret");
    const wanted = /^error-(-?\d{1,6})$/.exec(code)?.[1];
    if (wanted !== undefined) return failure(Number(wanted), "as it was requested");
    const name = /^dev-([\w-]{1,40})$/.exec(code)?.[1];
    if (name !== undefined) return session(developer(appid, name));
    const issued = codes.get(code);
    if (issued === undefined || nowMs() >= issued.untilMs) return failure(40029, "invalid code");
    if (issued.used) return failure(40163, "code been used");
    issued.used = true;
    return session(issued);
  };
  const session = ({ openid, unionid }: WechatPerson): object => {
    const key = randomBytes(16).toString("base64");
    sessionKeys.push(key);
    if (sessionKeys.length > CODES_MAX) sessionKeys.shift();
    return { session_key: key, openid, ...(unionid === undefined ? {} : { unionid }) };
  };

  const app = new Hono();
  app.get("/sns/jscode2session", async (c) => {
    calls += 1;
    const plan = planned.shift();
    if (plan !== undefined) return plan(c.req.raw);
    // JSON that is said to be text, and status 200 whatever it is, as WeChat has it.
    return c.body(JSON.stringify(answerOf(c.req.query())), 200, { "content-type": "text/plain" });
  });
  return {
    fetch: (request) => app.fetch(request),
    issueCode(person) {
      const code = randomBytes(16).toString("hex");
      codes.set(code, { ...person, untilMs: nowMs() + CODE_LIFE_MS, used: false });
      for (const oldest of codes.keys()) {
        if (codes.size <= CODES_MAX) break;
        codes.delete(oldest);
      }
      return code;
    },
    answerNext(answer, times = 1) {
      for (let count = 0; count < times; count += 1) planned.push(answer);
    },
    calls: () => calls,
    sessionKeys,
  };
}

function failure(errcode: number, errmsg: string): object {
  return { errcode, errmsg: `${errmsg}, rid: ${randomBytes(8).toString("hex")}` };
}

/** An openid is of one mini-program, a unionid of all. */
function developer(appId: string, name: string): WechatPerson {
  return { openid: `o${digest(`${appId}:${name}`)}`, unionid: `u${digest(name)}` };
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("base64url").slice(0, 27);
}
