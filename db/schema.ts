/**
 * The tables as Kysely sees them. Rules shared by SQLite and MySQL: ids made by the app, money and times as BIGINT
 * below 2^53 (times: epoch milliseconds), JSON as text that is never queried, booleans as 0 or 1.
 */
export type Database = {
  users: UserRow;
  identities: IdentityRow;
  accounts: AccountRow;
  transfers: TransferRow;
  resolutions: ResolutionRow;
  tasks: TaskRow;
  steps: StepRow;
  images: ImageRow;
  idempotency: IdempotencyRow;
  scenes: SceneRow;
  settings: SettingRow;
  audit: AuditRow;
  deliveries: DeliveryRow;
  taskUsage: TaskUsageRow;
};

export type UserRow = {
  id: string;
  /** Null for who signs in elsewhere alone. */
  email: string | null;
  passwordHash: string | null;
  role: string;
  createdAt: number;
};

/** How a user is known elsewhere: `wechat:openid:<app>:<openid>`, `wechat:unionid:<unionid>`. */
type IdentityRow = { identity: string; userId: string; createdAt: number };

/** One per user, under the user's id. */
export type AccountRow = {
  id: string;
  available: number;
  held: number;
  /** The newest sort key given to a task of this customer (fair queueing). */
  lastKey: number;
  /** Why this account takes no new tasks; null for every sound one. */
  frozen: string | null;
};

export type TransferRow = {
  id: string;
  kind: "grant" | "hold" | "post" | "release" | "refund";
  taskId: string | null;
  /** `issuer`, `revenue`, `<user id>:available` or `<user id>:held`. */
  debit: string;
  credit: string;
  amount: number;
  reason: string;
  actor: string;
  createdAt: number;
  /** `<task id>:<kind>` for hold, post and release, so that each exists once; else the transfer's own id. */
  uniqueKey: string;
};

export type ResolutionRow = {
  taskId: string;
  fence: number;
  amount: number;
  posted: number;
  released: number;
  createdAt: number;
  /** The task's version at its end, which is its last; null in rows older than this column. */
  version: number | null;
};

export type TaskRow = {
  id: string;
  userId: string;
  type: string;
  status: string;
  priority: string;
  input: string;
  sources: string;
  prices: string;
  metadata: string;
  error: string | null;
  heldCredits: number;
  fence: number;
  version: number;
  attempts: number;
  crashes: number;
  workerId: string | null;
  leaseUntil: number;
  dispatch: string;
  dispatchNo: number;
  sentAt: number;
  sortKey: number;
  /** What this task added to its customer's lastKey; given back when it is canceled unserved. */
  shareKey: number;
  availableAt: number;
  expiresAt: number;
  createdAt: number;
  startedAt: number | null;
  finishedAt: number | null;
  /** Where the end of this task is sent; null: nowhere. */
  webhookUrl: string | null;
};

export type StepRow = {
  taskId: string;
  step: string;
  idx: number;
  state: string;
  fence: number;
  askedAt: number;
  askLimitMs: number;
  asks: number;
  /** Of `asks`: those that were asked again without anybody having learned how they ended. */
  unknowns: number;
  /** Of `asks`: those that ran and gave nothing. */
  failures: number;
  priceCredits: number;
  durationMs: number;
  result: string | null;
  finishedAt: number | null;
};

export type ImageRow = {
  id: string;
  taskId: string;
  idx: number;
  objectKey: string;
  width: number;
  height: number;
  bytes: number;
  format: string;
  provider: string;
  createdAt: number;
  /** Of the attempt that wrote it; 0 in rows older than this column. */
  fence: number;
};

export type IdempotencyRow = {
  userId: string;
  route: string;
  idempotencyKey: string;
  bodyHash: string;
  taskId: string;
  response: string;
  createdAt: number;
};

type SceneRow = {
  id: string;
  kind: string;
  en: string;
  zh: string;
  sortNo: number;
  /** Since when no new task may name it; null for one in use. */
  retiredAt: number | null;
};

type SettingRow = { name: string; textValue: string | null; numberValue: number };

/** An act of an administrator, written in the transaction of the act; append-only. */
export type AuditRow = {
  id: string;
  actor: string;
  action: string;
  subject: string;
  detail: string;
  createdAt: number;
};

/** The end of a task, to be sent to its customer's server; written in the transaction that ended it. */
type DeliveryRow = {
  id: string;
  taskId: string;
  userId: string;
  url: string;
  /** `task.<terminal status>`. */
  type: string;
  state: string;
  attempts: number;
  nextAt: number;
  createdAt: number;
};

/** What calls for a task used, by function and provider; sums that only grow. */
export type TaskUsageRow = {
  taskId: string;
  functionName: string;
  provider: string;
  calls: number;
  megabyteMs: number;
  images: number;
  inputTokens: number;
  outputTokens: number;
  bytes: number;
  notedAt: number;
};
