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

/** A code package zipped (the SDK's description of `Code`) and unpacked (583/11637). */
export const ZIP_BYTES_MAX = 50 * 1024 * 1024;
export const CODE_BYTES_MAX = 500 * 1024 * 1024;
/** Keys and values of a function's variables together (583/11637). */
export const ENVIRONMENT_BYTES_MAX = 4 * 1024;
/** Prefixes of the platform's own variables, which nobody may set (583/14570). */
export const RESERVED_VARIABLES = /^(SCF_|QCLOUD_|TENCENTCLOUD_)/;
export const FUNCTIONS_MAX = 50;
/** Of one region, in MB; a reservation leaves `UNRESERVED_MEMORY_MB` for the other functions. */
export const CONCURRENCY_MEMORY_MB = 128_000;
export const UNRESERVED_MEMORY_MB = 12_800;
/** How often a change is looked at before it is settled. */
export const PENDING_POLLS = 2;

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
