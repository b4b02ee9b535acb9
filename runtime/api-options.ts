import { randomBytes } from "node:crypto";
import type { Config } from "./config/parse-config.ts";

/**
 * What the configuration says about the API's server. Without a JWT_SECRET (development alone) tokens are signed with
 * one of this start, and end with it.
 */
export function apiOptionsOf(config: Config) {
  return {
    port: config.PORT,
    hostname: config.HOST,
    jwtSecret: config.JWT_SECRET ?? randomBytes(32).toString("hex"),
    imageSourceAllow: config.IMAGE_SOURCE_ALLOW,
    trustedProxies: config.TRUSTED_PROXIES,
    corsOrigins: config.CORS_ORIGINS ?? (config.NODE_ENV === "production" ? "" : "loopback"),
  };
}
