import type { WechatAccess } from "../cloud/wechat-login.ts";
import type { ReviewPolicy } from "../core/moderation/moderate-content.ts";
import type { Config } from "./config/parse-config.ts";

export type Keys = { readonly secretId: string; readonly secretKey: string };

/** Where the functions and objects are, and the keys to them. */
export type CloudAccess = Keys & {
  readonly region: string;
  readonly bucket: string;
  readonly namespace: string;
  /** The alias or version that is invoked; the platform's default when absent. */
  readonly qualifier?: string;
  /** `127.0.0.1:port` of an emulated cloud; absent for Tencent's own. */
  readonly scfEndpoint?: string;
  readonly cosEndpoint?: string;
  readonly moderationEndpoint?: string;
};

/** The cloud that the configuration names; null when it lacks a key or the bucket. */
export function cloudAccessOf(config: Config): CloudAccess | null {
  const { TENCENTCLOUD_SECRET_ID: secretId, TENCENTCLOUD_SECRET_KEY: secretKey } = config;
  const { COS_BUCKET: bucket } = config;
  if (secretId === undefined || secretKey === undefined || bucket === undefined) return null;
  return {
    secretId,
    secretKey,
    bucket,
    region: config.TENCENTCLOUD_REGION,
    namespace: config.SCF_NAMESPACE,
    qualifier: config.SCF_QUALIFIER,
    ...(config.SCF_ENDPOINT === undefined ? {} : { scfEndpoint: config.SCF_ENDPOINT }),
    ...(config.COS_ENDPOINT === undefined ? {} : { cosEndpoint: config.COS_ENDPOINT }),
    ...(config.CONTENT_CHECK_ENDPOINT === undefined
      ? {}
      : { moderationEndpoint: config.CONTENT_CHECK_ENDPOINT }),
  };
}

/** Those of the cloud's keys that are not set: what keeps the configuration from naming a cloud. */
export function missingCloudKeys(config: Config): readonly string[] {
  const needed = ["TENCENTCLOUD_SECRET_ID", "TENCENTCLOUD_SECRET_KEY", "COS_BUCKET"] as const;
  return needed.filter((name) => config[name] === undefined);
}

/** The mini-program that the configuration names, if it does. */
export function wechatAccessOf(config: Config): WechatAccess | null {
  const { WECHAT_APP_ID: appId, WECHAT_APP_SECRET: appSecret, WECHAT_BASE_URL: baseUrl } = config;
  return appId === undefined || appSecret === undefined ? null : { appId, appSecret, baseUrl };
}

/** Null: nothing is checked. Else what becomes of that of which nobody is sure. */
export function contentReviewOf(config: Config): ReviewPolicy | null {
  return config.CONTENT_CHECK === "off" ? null : config.CONTENT_CHECK_REVIEW;
}
