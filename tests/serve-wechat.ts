import {
  createWechatEmulator,
  type WechatApp,
  type WechatEmulator,
} from "../local/provider-emulators/wechat-emulator.ts";

export type ServedWechat = WechatEmulator & { readonly url: string; stop(): Promise<void> };

/** The emulator for WeChat on a port of its own. */
export function serveWechat(apps?: readonly WechatApp[], nowMs?: () => number): ServedWechat {
  const emulator = createWechatEmulator(apps, nowMs);
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => emulator.fetch(request),
  });
  const url = `http://127.0.0.1:${server.port}`;
  return { ...emulator, url, stop: () => server.stop(true) };
}
