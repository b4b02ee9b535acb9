import { Agent } from "node:http";
import { z } from "zod";
import type { ContentCheck, ContentVerdict } from "../core/ports/content-check.ts";
import { contentErrorOf, unreadableVerdict } from "./content-errors.ts";
import { isLoopbackEndpoint } from "./loopback-endpoint.ts";

export type ContentCheckConfig = {
  readonly secretId: string;
  readonly secretKey: string;
  readonly region: string;
  /** "127.0.0.1:port" of the emulated cloud, for both services; absent in production. */
  readonly endpoint?: string;
};

const VERSION = "2020-12-29";
const HOSTS = {
  TextModeration: "tms.tencentcloudapi.com",
  ImageModeration: "ims.tencentcloudapi.com",
};
type Action = keyof typeof HOSTS;
/** It holds on Node alone; Bun knows only the caller's signal. */
const NODE_TIMEOUT_SECONDS = 15;

const answerSchema = z.object({
  Suggestion: z.enum(["Pass", "Review", "Block"]),
  Label: z.string().max(64).default(""),
});
const SUGGESTIONS = { Pass: "pass", Review: "review", Block: "block" } as const;

/**
 * TextModeration and ImageModeration over the official SDK. `Type` is never sent: its other value asks whether a
 * picture was made by a model, which all of ours are. The SDK is loaded at the first call.
 */
export function createTencentContentCheck(config: ContentCheckConfig): ContentCheck {
  const clients = new Map<Action, ReturnType<typeof loadClient>>();
  const request = async (
    action: Action,
    input: object,
    signal: AbortSignal,
  ): Promise<ContentVerdict> => {
    const client = clients.get(action) ?? loadClient(config, HOSTS[action]);
    clients.set(action, client);
    let answer: unknown;
    try {
      answer = await (await client).request(action, input, { signal });
    } catch (error) {
      throw contentErrorOf(error, action);
    }
    const { data } = answerSchema.safeParse(answer);
    if (data === undefined) throw unreadableVerdict(action);
    return { suggestion: SUGGESTIONS[data.Suggestion], label: data.Label };
  };
  return {
    text(text, dataId, signal) {
      const Content = Buffer.from(text, "utf8").toString("base64");
      return request("TextModeration", { Content, DataId: dataId }, signal);
    },
    picture: (url, dataId, signal) =>
      request("ImageModeration", { FileUrl: url, DataId: dataId }, signal),
  };
}

async function loadClient(config: ContentCheckConfig, host: string) {
  const { CommonClient } = await import("tencentcloud-sdk-nodejs-common");
  const { secretId, secretKey, region, endpoint = host } = config;
  const isLoopback = isLoopbackEndpoint(endpoint);
  return new CommonClient(endpoint, VERSION, {
    credential: { secretId, secretKey },
    region,
    profile: {
      httpProfile: {
        endpoint,
        protocol: isLoopback ? "http://" : "https://",
        reqTimeout: NODE_TIMEOUT_SECONDS,
        // On Node an agent of our own keeps `http_proxy` away from loopback; Bun obeys `no_proxy` instead.
        ...(isLoopback ? { agent: new Agent({ keepAlive: true }) } : {}),
      },
    },
  });
}
