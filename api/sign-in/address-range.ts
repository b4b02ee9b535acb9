import { isIP } from "node:net";

export type AddressRange = { readonly base: string; readonly prefixBits: number };

/** `10.0.0.0/8`, `2001:db8::/32` or one address; null for anything else. */
export function parseAddressRange(text: string): AddressRange | null {
  const [base = "", prefix, ...more] = text.split("/");
  if (isIP(base) === 0 || base.includes("%") || more.length > 0) return null;
  const { width } = bitsOf(base);
  const prefixBits = prefix === undefined ? width : /^\d{1,3}$/.test(prefix) ? Number(prefix) : -1;
  return prefixBits >= 0 && prefixBits <= width ? { base, prefixBits } : null;
}

/** Whether an address lies in a range; never of the other family. */
export function isWithin(address: string, { base, prefixBits }: AddressRange): boolean {
  const one = bitsOf(address);
  const other = bitsOf(base);
  const shift = BigInt(one.width - prefixBits);
  return one.width === other.width && one.bits >> shift === other.bits >> shift;
}

type Bits = { readonly bits: bigint; readonly width: 32 | 128 };

const MAPPED = 0xffffn;

/** An address as a number; an IPv4 address that is mapped into IPv6 (`::ffff:192.0.2.1`) is the IPv4 address. */
export function bitsOf(address: string): Bits {
  if (isIP(address) === 4) return { bits: bitsOfIpv4(address), width: 32 };
  const [left = "", right] = withoutDots(address).split("::");
  const before = groupsOf(left);
  const after = right === undefined ? [] : groupsOf(right);
  const between = Array.from({ length: 8 - before.length - after.length }, () => 0n);
  const bits = [...before, ...between, ...after].reduce((sum, group) => (sum << 16n) | group, 0n);
  return bits >> 32n === MAPPED ? { bits: bits & 0xffff_ffffn, width: 32 } : { bits, width: 128 };
}

function bitsOfIpv4(address: string): bigint {
  return address.split(".").reduce((sum, part) => (sum << 8n) | BigInt(part), 0n);
}

function groupsOf(text: string): bigint[] {
  return text === "" ? [] : text.split(":").map((group) => BigInt(`0x${group}`));
}

/** The dotted end of an address such as `::ffff:192.0.2.1` as two groups. */
function withoutDots(address: string): string {
  return address.replace(/\d+\.\d+\.\d+\.\d+$/, (dotted) => {
    const bits = bitsOfIpv4(dotted);
    return `${(bits >> 16n).toString(16)}:${(bits & 0xffffn).toString(16)}`;
  });
}
