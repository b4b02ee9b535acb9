import { z } from "zod";
import type { Clock } from "../core/ports/clock.ts";
import type { Log } from "../core/ports/log.ts";
import type { WechatIdentity, WechatLogin } from "../core/ports/wechat-login.ts";
import { WECHAT_BUSY, wechatError, wechatUnavailable } from "./wechat-errors.ts";
import { parseJson } from "../core/resilience/parse-json.ts";

export type WechatAccess = {
  readonly appId: string;
  readonly appSecret: string;
  /** `https://api.weixin.qq.com`, or an emulator. */
  readonly baseUrl: string;
};

export type WechatLoginOptions = WechatAccess & {
  readonly clock: Pick<Clock, "sleep" | "deadline">;
  readonly log: Log;
  /** For both tries together; 5 s by default. */
  readonly timeoutMs?: number;
  /** Before the one try again when WeChat is busy. */
  readonly busyWaitMs?: number;
};

const TIMEOUT_MS = 5_000;
const BUSY_WAIT_MS = 300;
const ANSWER_BYTES_MAX = 16_384;

/** WeChat's `code2Session`, over plain fetch. The URL holds the secret and the code: it is in no error and no log. */
export function createWechatLogin(options: WechatLoginOptions): WechatLogin {
  const { timeoutMs = TIMEOUT_MS, busyWaitMs = BUSY_WAIT_MS, clock, log } = options;
  return {
    async identify(code) {
      const signal = clock.deadline(timeoutMs);
      let answered = await exchangeOnce(options, code, signal);
      if ("errcode" in answered && answered.errcode === WECHAT_BUSY) {
        await clock.sleep(busyWaitMs, signal).catch(() => undefined);
        answered = await exchangeOnce(options, code, signal);
      }
      if ("openId" in answered) return answered;
      const error =
        "errcode" in answered ? wechatError(answered.errcode) : wechatUnavailable(answered.why);
      if (error.operatorMessage !== undefined) {
        const errcode = "errcode" in answered ? answered.errcode : undefined;
        log.failure(`WeChat sign-in failed: ${error.operatorMessage}`, null, { errcode });
      }
      throw error;
    },
  };
}

type ExchangeResult = WechatIdentity | { readonly errcode: number } | { readonly why: string };

async function exchangeOnce(
  { appId, appSecret, baseUrl }: WechatAccess,
  code: string,
  signal: AbortSignal,
): Promise<ExchangeResult> {
  const url = new URL("/sns/jscode2session", baseUrl);
  url.search = new URLSearchParams({
    appid: appId,
    secret: appSecret,
    js_code: code,
    grant_type: "authorization_code",
  }).toString();
  try {
    const response = await fetch(url, { signal, redirect: "error" });
    const text = await readBounded(response, ANSWER_BYTES_MAX);
    if (!response.ok) return { why: `It answered with status ${response.status}.` };
    return identityOf(appId, text);
  } catch {
    // What fetch throws may name the URL: not even as a cause does it leave this place.
    return {
      why: signal.aborted
        ? "It did not answer in time."
        : "It cannot be reached, or its answer breaks off.",
    };
  }
}

/** The text of an answer of at most so many bytes. Throws when it is longer, having read no further. */
async function readBounded(response: Response, bytesMax: number): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return "";
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    bytes += part.value.byteLength;
    if (bytes > bytesMax) {
      await reader.cancel();
      throw new Error(`the answer is longer than ${bytesMax} bytes`);
    }
    parts.push(part.value);
  }
  return Buffer.concat(parts).toString("utf8");
}

/** Without `session_key`: what is not read is not kept, logged or given on. Empty ids count as absent. */
const answerSchema = z.object({
  errcode: z.number().int().default(0),
  openid: z.string().max(128).default(""),
  unionid: z.string().max(128).default(""),
});

/** Status 200 says nothing, and a success has no `errcode` or 0. */
function identityOf(appId: string, text: string): ExchangeResult {
  const { success, data } = answerSchema.safeParse(parseJson(text));
  if (!success) return { why: "Its answer cannot be read." };
  if (data.errcode !== 0) return { errcode: data.errcode };
  if (data.openid === "") return { why: "Its answer names nobody." };
  return { appId, openId: data.openid, unionId: data.unionid === "" ? null : data.unionid };
}
