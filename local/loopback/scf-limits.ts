/** Events and answers of a synchronous call, 6 MB each (583/11637). */
export const EVENT_BYTES_MAX = 6 * 1024 * 1024;
/** The gateway's own body limit: an event of 6 MB is a JSON string in JSON, so its quotes count twice. */
export const BODY_BYTES_MAX = 14 * 1024 * 1024;
/** Loading the code has a time limit of its own, 65 s by default (583/9694). */
export const INIT_LIMIT_MS = 65_000;
/** How often the memory of a running instance is looked at. */
export const MEMORY_CHECK_MS = 100;
/** An idle instance ends after this long. The platform keeps one for some minutes and promises nothing. */
export const IDLE_MS = 180_000;
/** Instances of one function at a time, unless its configuration says otherwise. */
export const INSTANCES_MAX = 10;
export const LOG_ENTRIES_MAX = 10_000;

/** The words of the status codes (583/42611, 583/35311). */
export const STATUS_WORDS: Readonly<Record<number, string>> = {
  400: "InvalidParameterValue",
  401: "InvalidCredentials",
  402: "ServiceSuspended",
  406: "RequestTooLarge",
  407: "ResponseTooLarge",
  410: "InsufficientBalance",
  429: "ResourceLimit",
  430: "user code exception caught",
  432: "ResourceLimitReached",
  433: "TimeLimitReached",
  434: "MemoryLimitReached",
  435: "FunctionNotFound",
  437: "HandlerNotFound",
  439: "UserProcessExit",
  442: "QualifierNotFound",
  500: "InternalError",
};
