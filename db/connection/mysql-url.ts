export type MysqlAddress = {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly database: string;
  readonly tls: boolean;
};

/** Reads `mysql://user:password@host:port/name`. Throws an Error that names DATABASE_URL and none of its text, which holds a password. */
export function parseMysqlUrl(url: string): MysqlAddress {
  const parsed = URL.canParse(url) ? new URL(url) : null;
  const database = parsed === null ? "" : decodeURIComponent(parsed.pathname.slice(1));
  const unknown = [...(parsed?.searchParams.keys() ?? [])].some((name) => name !== "tls");
  if (parsed === null || parsed.hostname === "" || !/^[\w-]{1,64}$/.test(database) || unknown) {
    // Without the text itself: it holds a password.
    throw new Error(
      "DATABASE_URL must be mysql://user:password@host:port/name, with ?tls=true or nothing after it.",
    );
  }
  return {
    host: parsed.hostname.replace(/^\[(.*)\]$/, "$1"),
    port: parsed.port === "" ? 3306 : Number(parsed.port),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database,
    tls: parsed.searchParams.get("tls") === "true",
  };
}
