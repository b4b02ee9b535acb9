import { randomBytes } from "node:crypto";
import type { Config } from "./config/parse-config.ts";

/**
 * What the configuration says about the API's server. Without a JWT_SECRET (development alone) tokens are signed with
 * one of this start, and end with it.
 */
export function apiOptionsOf(config: Config) {
  const isProduction = config.NODE_ENV === "production";
  const signUpCredits =
    config.SIGNUP_CREDITS ?? (config.NODE_ENV === "development" ? DEVELOPMENT_CREDITS : 0);
  return {
    port: config.PORT,
    hostname: config.HOST,
    jwtSecret: config.JWT_SECRET ?? randomBytes(32).toString("hex"),
    imageSourceAllow: config.IMAGE_SOURCE_ALLOW,
    trustedProxies: config.TRUSTED_PROXIES,
    corsOrigins: config.CORS_ORIGINS ?? (isProduction ? "" : "loopback"),
    // Nobody has proved an e-mail address by signing up with it.
    signUpCredits: { byEmail: isProduction ? 0 : signUpCredits, byWechat: signUpCredits },
  };
}

/** A few tasks of each type. */
const DEVELOPMENT_CREDITS = 100;
