import ipaddr from "ipaddr.js";

/**
 * Single addresses that lie in public ranges and yet belong to a cloud's own machinery: 168.63.129.16 is
 * the host's service on Azure. (The metadata addresses 169.254.x.x, 100.100.100.200 and fd00:ec2::254 lie in
 * ranges that are refused anyway.)
 */
const DENIED_ADDRESSES: readonly string[] = ["168.63.129.16"];

/**
 * IPv6 ranges that carry an IPv4 address inside or that are special, on top of what ipaddr.js knows; kept
 * here by name, so that a change of the library opens nothing. Sources: RFC 4291, 6052, 8215, 3056, 4380,
 * 3849 and IANA's registry of special-purpose addresses.
 */
const DENIED_IPV6: readonly (readonly [string, number])[] = [
  ["::", 96],
  ["::ffff:0:0", 96],
  ["::ffff:0:0:0", 96],
  ["64:ff9b::", 96],
  ["64:ff9b:1::", 48],
  ["2001::", 23],
  ["2001:db8::", 32],
  ["2002::", 16],
  ["3fff::", 20],
];

/** IPv4 ranges by name, for the same reason: RFC 6598, 5737, 2544, 3068, 7526. */
const DENIED_IPV4: readonly (readonly [string, number])[] = [
  ["100.64.0.0", 10],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
];

/**
 * True when the text is an IP address of the public internet: global unicast, outside every private,
 * special, tunnelling and documentation range. Anything else, also what cannot be parsed, is false.
 */
export function isGlobalAddress(text: string): boolean {
  if (!ipaddr.isValid(text) || DENIED_ADDRESSES.includes(text)) return false;
  const address = ipaddr.parse(text);
  if (address.range() !== "unicast") return false;
  if (address instanceof ipaddr.IPv4) {
    return !DENIED_IPV4.some(([base, bits]) => address.match(ipaddr.IPv4.parse(base), bits));
  }
  // IANA gives out global unicast from 2000::/3 only.
  const assigned = address.match(ipaddr.IPv6.parse("2000::"), 3);
  return (
    assigned &&
    !DENIED_IPV6.some(([base, bits]) => address.match(ipaddr.IPv6.parse(base), bits)) &&
    address.zoneId === undefined
  );
}
