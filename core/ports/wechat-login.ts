/**
 * Asks WeChat who a code of `wx.login` is. Throws `DrapeError` only: UNAUTHENTICATED for a code that is not valid or was
 * used, FORBIDDEN and RATE_LIMITED as WeChat says so, UNAVAILABLE for all that is not the caller's fault. No error holds
 * the code, the secret or a session key.
 */
export interface WechatLogin {
  /** A code is good for one call, five minutes long. Gives up after some seconds. */
  identify(code: string): Promise<WechatIdentity>;
}

export type WechatIdentity = {
  /** The mini-program, in which `openId` is this person. */
  readonly appId: string;
  readonly openId: string;
  /** This person in all mini-programs of one account; null where WeChat gives none. */
  readonly unionId: string | null;
};
