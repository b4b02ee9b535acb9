import { isIP } from "node:net";
import { bitsOf, isWithin, type AddressRange } from "./address-range.ts";

/** Which of the addresses before us are our own proxies: so many hops (0: there are none), or those of these ranges. */
export type TrustedProxies =
  | { readonly hops: number }
  | { readonly ranges: readonly AddressRange[] };

type Way = {
  /** The other end of the connection. */
  readonly socket: string | undefined;
  /** `X-Forwarded-For`: each proxy adds the address that it was called from at the right end. */
  readonly forwardedFor: string | undefined;
};

/** Of a header that somebody fills up nobody reads more. */
const FORWARDED_CHARS_MAX = 2_000;

/**
 * The address of who sent a request, as far as our own proxies vouch for it: read from the right end, since everything
 * to the left of our proxies' entries may be made up. Who comes round the proxies is their socket. "unknown" where the
 * connection says nothing.
 */
export function clientAddressOf({ socket, forwardedFor }: Way, trusted: TrustedProxies): string {
  const nearest = socket === undefined ? null : plainAddress(socket);
  if (nearest === null) return "unknown";
  const said = (forwardedFor ?? "").slice(-FORWARDED_CHARS_MAX).split(",");
  // The nearest first, up to the first one that is no address.
  const chain = [nearest];
  for (const entry of said.toReversed()) {
    const address = plainAddress(entry);
    if (address === null) break;
    chain.push(address);
  }
  if ("hops" in trusted) return chain[trusted.hops] ?? nearest;
  const isOurs = (address: string) => trusted.ranges.some((range) => isWithin(address, range));
  return chain.find((address) => !isOurs(address)) ?? chain.at(-1) ?? nearest;
}

/**
 * What limits count by: an IPv4 address, also one that is mapped into IPv6; of IPv6 the /64, since each customer of a
 * provider has a whole one to choose addresses from.
 */
export function countedAddress(address: string): string {
  if (isIP(address) !== 6) return address;
  const { bits } = bitsOf(address);
  const groups = [112n, 96n, 80n, 64n].map((shift) => ((bits >> shift) & 0xffffn).toString(16));
  return `${groups.join(":")}::/64`;
}

/** Without port, brackets and zone, an IPv4 address that is mapped into IPv6 as itself; null when it is no address. */
function plainAddress(text: string): string | null {
  const bare = text
    .trim()
    .replace(/^\[([^\]]*)\](?::\d{1,5})?$/, "$1")
    .replace(/^(\d+\.\d+\.\d+\.\d+):\d{1,5}$/, "$1")
    .replace(/%.*$/, "");
  if (isIP(bare) === 0) return null;
  const { bits, width } = bitsOf(bare);
  if (width === 128) return bare.toLowerCase();
  return [24n, 16n, 8n, 0n].map((shift) => String((bits >> shift) & 255n)).join(".");
}
