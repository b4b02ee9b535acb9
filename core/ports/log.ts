export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** One line an event, with facts as fields. Never a secret, a signed URL, a prompt or an e-mail address. */
export interface Log {
  /** 🚀 */
  start(message: string, fields?: LogFields): void;
  /** ✅ */
  success(message: string, fields?: LogFields): void;
  /** ❌ `error` is written with its stack. */
  failure(message: string, error: unknown, fields?: LogFields): void;
  /** 📊 */
  info(message: string, fields?: LogFields): void;
}
