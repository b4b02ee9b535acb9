import type { Moderation } from "./moderation/moderate-content.ts";
import type { Cache } from "./ports/cache.ts";
import type { PassFailpoint } from "./ports/failpoints.ts";
import type { Clock } from "./ports/clock.ts";
import type { FunctionInvoker, ObjectStore } from "./ports/cloud.ts";
import type { EventLog } from "./ports/event-log.ts";
import type { Log } from "./ports/log.ts";
import type { Broadcast } from "./ports/broadcast.ts";
import type { Random } from "./ports/random.ts";
import type { RateLimiter } from "./ports/rate-limiter.ts";
import type { ProcessRegistry } from "./ports/process-registry.ts";
import type { Semaphore } from "./ports/semaphore.ts";
import type { Store } from "./ports/store.ts";
import type { TaskQueue } from "./ports/task-queue.ts";
import type { WechatLogin } from "./ports/wechat-login.ts";
import type { Presets } from "./caches/preset-cache.ts";
import type { PromptCache } from "./caches/prompt-cache.ts";
import type { FunctionPauses } from "./invocation/function-pauses.ts";
import type { ResilientInvoker } from "./invocation/resilient-invoker.ts";
import type { UserCache } from "./caches/user-cache.ts";
import type { TaskSettings } from "./model/task-settings.ts";

/** Everything a use case may ask for; each takes the part that it touches. */
export type Deps = {
  readonly store: Store;
  readonly queue: TaskQueue;
  readonly events: EventLog;
  readonly cache: Cache;
  readonly rateLimiter: RateLimiter;
  readonly registry: ProcessRegistry;
  readonly semaphore: Semaphore;
  readonly broadcast: Broadcast;
  readonly presets: Presets;
  readonly users: UserCache;
  readonly promptCache: PromptCache;
  readonly functions: FunctionInvoker;
  readonly invoker: ResilientInvoker;
  readonly functionPauses: FunctionPauses;
  /** Null where no content check is set up: nothing is checked. */
  readonly moderation: Moderation | null;
  readonly objects: ObjectStore;
  /** Null where no mini-program is set up. */
  readonly wechat: WechatLogin | null;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly settings: TaskSettings;
  readonly failpoint: PassFailpoint;
};

/** The parts of the store that a use case touches. */
export type StoreParts<Part extends keyof Store> = { readonly store: Pick<Store, Part> };
