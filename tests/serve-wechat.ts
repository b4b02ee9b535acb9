import {
  createWechatStandIn,
  type WechatApp,
  type WechatStandIn,
} from "../local/provider-emulators/wechat-stand-in.ts";

export type ServedWechat = WechatStandIn & { readonly url: string; stop(): Promise<void> };

/** The stand-in for WeChat on a port of its own. */
export function serveWechat(apps?: readonly WechatApp[], nowMs?: () => number): ServedWechat {
  const standIn = createWechatStandIn(apps, nowMs);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => standIn.fetch(request),
  });
  const url = `http://127.0.0.1:${server.port}`;
  return { ...standIn, url, stop: () => server.stop(true) };
}
