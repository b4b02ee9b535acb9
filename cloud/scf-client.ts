import { Agent } from "node:http";
import { isLoopbackEndpoint } from "./loopback-endpoint.ts";

/** Whose functions, and where. */
export type ScfAccount = {
  readonly secretId: string;
  readonly secretKey: string;
  readonly region: string;
  /** "127.0.0.1:port" of the emulated cloud; absent in production. */
  readonly endpoint?: string;
};

/** Above the longest synchronous call (300 s). It holds on Node alone; Bun knows only the caller's signal. */
const NODE_TIMEOUT_SECONDS = 320;

/** The official SDK's client; the SDK is loaded here and not at the start of a process. */
export async function loadScfClient(account: ScfAccount) {
  const { scf } = await import("tencentcloud-sdk-nodejs-scf");
  const { secretId, secretKey, region, endpoint } = account;
  const isLoopback = endpoint !== undefined && isLoopbackEndpoint(endpoint);
  return new scf.v20180416.Client({
    credential: { secretId, secretKey },
    region,
    profile: {
      httpProfile: {
        ...(endpoint === undefined ? {} : { endpoint }),
        protocol: isLoopback ? "http://" : "https://",
        reqTimeout: NODE_TIMEOUT_SECONDS,
        // On Node an agent of our own keeps `http_proxy` away from loopback; Bun obeys `no_proxy` instead.
        ...(isLoopback ? { agent: new Agent({ keepAlive: true }) } : {}),
      },
    },
  });
}
