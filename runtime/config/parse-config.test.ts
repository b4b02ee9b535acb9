import { describe, expect, test } from "bun:test";
import { parseConfig } from "./parse-config.ts";

const good = {
  DATABASE_URL: "mysql://u:p@db/drape",
  REDIS_HOST: "cache",
  JWT_SECRET: "wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua",
  TENCENTCLOUD_SECRET_ID: "id",
  TENCENTCLOUD_SECRET_KEY: "key",
  COS_BUCKET: "drape-1250000000",
};

describe("configuration", () => {
  test("defaults fill what is not given", () => {
    expect(parseConfig("start:api", good)).toMatchObject({
      PORT: 3000,
      TENCENTCLOUD_REGION: "ap-guangzhou",
    });
  });

  test("all faults are told at once, each with its variable", () => {
    const parsing = () =>
      parseConfig("start:api", { PORT: "far", COS_BUCKET: "drape", JWT_SECRET: "short" });

    for (const name of [
      "PORT",
      "COS_BUCKET",
      "JWT_SECRET",
      "TENCENTCLOUD_SECRET_ID",
      "TENCENTCLOUD_SECRET_KEY",
    ]) {
      expect(parsing).toThrow(name);
    }
  });

  test("production refuses placeholders, open image sources and the emulated cloud", () => {
    const production = { ...good, NODE_ENV: "production" };

    expect(() =>
      parseConfig("start:api", {
        ...production,
        JWT_SECRET: `__SET_ME__${"wK4tq9ZrB7xLm2VnC8sPd5HyJ3fGe6Ua"}`,
      }),
    ).toThrow("JWT_SECRET: still a placeholder");
    expect(() =>
      parseConfig("start:api", { ...production, IMAGE_SOURCE_ALLOW: "127.0.0.1:1" }),
    ).toThrow("IMAGE_SOURCE_ALLOW");
    expect(() => parseConfig("start:api", { ...production, SCF_ENDPOINT: "127.0.0.1:1" })).toThrow(
      "SCF_ENDPOINT",
    );
    expect(() =>
      parseConfig("start:worker", { ...production, CONTENT_CHECK_ENDPOINT: "127.0.0.1:1" }),
    ).toThrow("CONTENT_CHECK_ENDPOINT");
    expect(() =>
      parseConfig("start:api", { ...production, WECHAT_BASE_URL: "http://127.0.0.1:1" }),
    ).toThrow("WECHAT_BASE_URL");
    expect(
      parseConfig("start:api", {
        ...production,
        SCF_ENDPOINT: "127.0.0.1:1",
        ALLOW_STAND_INS: "true",
      }).NODE_ENV,
    ).toBe("production");
  });

  test("sign-up credits in production want a sign-up that proves somebody", () => {
    const production = { ...good, NODE_ENV: "production", SIGNUP_CREDITS: "20" };
    const wechat = { WECHAT_APP_ID: "wx01", WECHAT_APP_SECRET: "s" };

    expect(() => parseConfig("start:api", production)).toThrow("SIGNUP_CREDITS: only who signs in");
    expect(parseConfig("start:api", { ...production, ...wechat }).SIGNUP_CREDITS).toBe(20);
    expect(parseConfig("start:api", { ...production, SIGNUP_CREDITS: "0" }).SIGNUP_CREDITS).toBe(0);
  });

  test("WeChat sign-in is set up by both its variables or not at all", () => {
    const [id, secret] = [{ WECHAT_APP_ID: "wx01" }, { WECHAT_APP_SECRET: "s" }];

    expect(() => parseConfig("start:api", { ...good, ...id })).toThrow("WECHAT_APP_SECRET: ");
    expect(() => parseConfig("start:api", { ...good, ...secret })).toThrow("WECHAT_APP_ID: ");
    expect(parseConfig("start:api", { ...good, ...id, ...secret })).toMatchObject({
      WECHAT_APP_ID: "wx01",
      WECHAT_BASE_URL: "https://api.weixin.qq.com",
    });
    expect(parseConfig("start:api", good).WECHAT_APP_ID).toBeUndefined();
  });
});
