import { DrapeError } from "../core/model/errors.ts";

/** WeChat asks to come again. */
export const WECHAT_BUSY = -1;

const AGAIN = "Call wx.login once more and send the new code.";

/** Codes that are the operator's to mend, with what to look at. */
const OPERATOR_HINTS: Readonly<Record<number, string>> = {
  40013: "WeChat does not know this mini-program: check WECHAT_APP_ID.",
  40125: "WeChat refuses the secret: check WECHAT_APP_SECRET.",
  40001: "WeChat refuses the secret: check WECHAT_APP_SECRET.",
  41002: "WeChat got no app id: check WECHAT_APP_ID.",
  41004: "WeChat got no secret: check WECHAT_APP_SECRET.",
};

/** What an `errcode` of `code2Session` means for the caller. Its `errmsg` is not read: it may repeat the code. */
export function wechatError(errcode: number): DrapeError {
  switch (errcode) {
    case 40029:
    case 40163:
    case 41008:
      return new DrapeError(
        "UNAUTHENTICATED",
        `The WeChat code is not valid, too old, or was used before. ${AGAIN}`,
      );
    case 45011:
      return new DrapeError("RATE_LIMITED", "WeChat lets this user sign in later: wait a minute.", {
        retryAfterMs: 60_000,
      });
    case 40226:
      return new DrapeError("FORBIDDEN", "WeChat does not let this user sign in.");
    case WECHAT_BUSY:
      return wechatUnavailable("WeChat was busy twice.");
    default:
      return wechatUnavailable(
        OPERATOR_HINTS[errcode] ?? "WeChat answered with an error that is not known here.",
      );
  }
}

/** Nobody knows whether the code was used up. */
export function wechatUnavailable(operatorMessage: string): DrapeError {
  return new DrapeError("UNAVAILABLE", `WeChat cannot be asked right now. ${AGAIN}`, {
    ran: "unknown",
    retryAfterMs: 2_000,
    operatorMessage,
  });
}
