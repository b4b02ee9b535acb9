import { openHouse } from "./all-in-one.ts";
import { cloudAccessOf, contentReviewOf, wechatAccessOf } from "../runtime/cloud-access.ts";
import { redisPlaceOf } from "../runtime/redis-address.ts";
import { runProcess, wantsLoopbackCloud } from "../runtime/run-process.ts";
import { settingsOf } from "../runtime/task-settings-from-config.ts";

/**
 * Api and worker in one process: on SQLite and in memory, or on the MySQL and Redis that the environment names. In
 * production it works on Tencent Cloud with the keys of the environment; elsewhere without keys it brings the
 * loopback cloud along.
 */
runProcess((config, log) =>
  openHouse({
    dataDir: ".data",
    databaseUrl: config.DATABASE_URL,
    redis: redisPlaceOf(config),
    redisPrefix: config.REDIS_PREFIX,
    log,
    port: config.PORT,
    hostname: config.HOST,
    jwtSecret: config.JWT_SECRET,
    workerConcurrency: config.WORKER_CONCURRENCY,
    imageSourceAllow: config.IMAGE_SOURCE_ALLOW,
    settings: settingsOf(config),
    wechat: wechatAccessOf(config),
    contentReview: contentReviewOf(config),
    ...(wantsLoopbackCloud(config) ? {} : { realCloud: cloudAccessOf(config) }),
  }),
);
