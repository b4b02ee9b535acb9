import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { isGlobalAddress } from "./global-address.ts";

type ResolvedAddress = { readonly address: string; readonly family: number };
/** All addresses of a name, as the system's resolver gives them. */
export type ResolveAll = (hostname: string) => Promise<readonly ResolvedAddress[]>;

export type AddressRules = {
  /** `host:port` of plain http origins that are open without any check: development only. */
  readonly allowedOrigins: ReadonlySet<string>;
  readonly resolveAll: ResolveAll;
  /** 443 but for tests, whose canary cannot listen there. */
  readonly httpsPort: number;
};

/** Why an address may not be called; `reason` says no more than the customer may know. */
export class AddressError extends Error {
  readonly kind: "refused" | "unreachable";
  readonly reason: string;

  constructor(kind: AddressError["kind"], reason: string) {
    super(reason);
    this.name = "AddressError";
    this.kind = kind;
    this.reason = reason;
  }
}

/** A URL that passed the rules, and the one address to connect to. */
export type CheckedSource = { readonly url: URL; readonly address: string };

export const systemResolveAll: ResolveAll = (hostname) =>
  lookup(hostname, { all: true, verbatim: true });

/**
 * Decides whether a foreign URL may be fetched. The text is parsed once (WHATWG); it must be https on port
 * 443 without user or password. Its name is resolved once and every answer must be a global unicast
 * address; the caller connects to the address returned here, so a second DNS answer cannot change it.
 * Throws AddressError: refused, without telling what was resolved, or unreachable when the name has no address.
 */
export async function checkSourceUrl(text: string, rules: AddressRules): Promise<CheckedSource> {
  const refuse = (reason: string) => new AddressError("refused", reason);

  const url = parseUrl(text);
  if (url === null) throw refuse("it is not a URL");
  if (url.username !== "" || url.password !== "") {
    throw refuse("it carries a user name or a password");
  }
  const isAllowed = isAllowedOrigin(url, rules.allowedOrigins);
  if (!isAllowed && url.protocol !== "https:") throw refuse("only https addresses are read");
  if (!isAllowed && Number(url.port || 443) !== rules.httpsPort) {
    throw refuse("only port 443 is read");
  }

  const addresses = await resolveHost(url, rules.resolveAll);
  if (!isAllowed && !addresses.every(({ address }) => isGlobalAddress(address))) {
    throw refuse("its host is not on the public internet");
  }
  const [first] = addresses.toSorted((a, b) => a.family - b.family);
  if (first === undefined) throw unknownHost();
  return { url, address: first.address };
}

function parseUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isAllowedOrigin(url: URL, allowed: ReadonlySet<string>): boolean {
  return url.protocol === "http:" && allowed.has(`${url.hostname}:${url.port || "80"}`);
}

async function resolveHost(url: URL, resolveAll: ResolveAll): Promise<readonly ResolvedAddress[]> {
  const hostname = url.hostname.replace(/^\[|\]$/g, "");
  const family = isIP(hostname);
  if (family !== 0) return [{ address: hostname, family }];
  try {
    return await resolveAll(hostname);
  } catch {
    throw unknownHost();
  }
}

const unknownHost = () => new AddressError("unreachable", "its host is unknown");
