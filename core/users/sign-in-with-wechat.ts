import type { Deps, StoreParts } from "../deps.ts";
import { DrapeError } from "../model/errors.ts";
import { newId } from "../model/ids.ts";
import type { Identity, SignedIn } from "../ports/user-store.ts";
import type { WechatIdentity } from "../ports/wechat-login.ts";

/**
 * The user who a code of `wx.login` is, made when they come for the first time. Throws NOT_FOUND where no mini-program
 * is set up, and what WeChat says of the code.
 */
export async function signInWithWechat(
  {
    wechat,
    store,
    clock,
    random,
    log,
  }: StoreParts<"users"> & Pick<Deps, "wechat" | "clock" | "random" | "log">,
  code: string,
): Promise<SignedIn> {
  if (wechat === null) {
    throw new DrapeError("NOT_FOUND", "WeChat sign-in is not set up on this server.");
  }
  const identities = identitiesOf(await wechat.identify(code));
  const createdAtMs = clock.nowMs();
  const id = newId("usr", createdAtMs, random);
  const signedIn = await store.users.signInAs(identities, { id, createdAtMs });
  if (signedIn.created) log.success("user made by WeChat sign-in", { user: signedIn.user.id });
  return signedIn;
}

/**
 * The openid first: who has always come by this mini-program stays who they are, even when WeChat begins to tell a
 * unionid which is another user's by then.
 */
function identitiesOf({ appId, openId, unionId }: WechatIdentity): readonly Identity[] {
  const own = `wechat:openid:${appId}:${openId}`;
  return unionId === null ? [own] : [own, `wechat:unionid:${unionId}`];
}
