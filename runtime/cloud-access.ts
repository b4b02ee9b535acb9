import type { Config } from "./config.ts";
import type { ReviewPolicy } from "../core/moderation/moderate-content.ts";
import type { WechatAccess } from "../cloud/wechat-login.ts";
import type { CloudAccess } from "../local/cloud-emulator/start-with-bundles.ts";

/** The cloud that the configuration names. */
export function cloudAccessOf(config: Config): CloudAccess {
  return {
    secretId: config.TENCENTCLOUD_SECRET_ID,
    secretKey: config.TENCENTCLOUD_SECRET_KEY,
    region: config.TENCENTCLOUD_REGION,
    bucket: config.COS_BUCKET,
    namespace: config.SCF_NAMESPACE,
    qualifier: config.SCF_QUALIFIER,
    ...(config.SCF_ENDPOINT === undefined ? {} : { scfEndpoint: config.SCF_ENDPOINT }),
    ...(config.COS_ENDPOINT === undefined ? {} : { cosEndpoint: config.COS_ENDPOINT }),
    ...(config.CONTENT_CHECK_ENDPOINT === undefined
      ? {}
      : { moderationEndpoint: config.CONTENT_CHECK_ENDPOINT }),
  };
}

/** The mini-program that the configuration names, if it does. */
export function wechatAccessOf(
  config: Pick<Config, "WECHAT_APP_ID" | "WECHAT_APP_SECRET" | "WECHAT_BASE_URL">,
): WechatAccess | null {
  const { WECHAT_APP_ID: appId, WECHAT_APP_SECRET: appSecret, WECHAT_BASE_URL: baseUrl } = config;
  return appId === undefined || appSecret === undefined ? null : { appId, appSecret, baseUrl };
}

/** Null: nothing is checked. Else what becomes of that of which nobody is sure. */
export function contentReviewOf(
  config: Pick<Config, "CONTENT_CHECK" | "CONTENT_CHECK_REVIEW">,
): ReviewPolicy | null {
  return config.CONTENT_CHECK === "off" ? null : config.CONTENT_CHECK_REVIEW;
}
