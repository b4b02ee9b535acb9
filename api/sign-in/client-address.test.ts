import { describe, expect, test } from "bun:test";
import { parseAddressRange } from "./address-range.ts";
import { clientAddressOf, countedAddress, type TrustedProxies } from "./client-address.ts";

const ranges = (...texts: readonly string[]): TrustedProxies => ({
  ranges: texts.flatMap((text) => parseAddressRange(text) ?? []),
});

type Row = readonly [
  what: string,
  trusted: TrustedProxies,
  socket: string | undefined,
  forwardedFor: string | undefined,
  client: string,
];

const PRIVATE = ranges("10.0.0.0/8", "fd00::/8");
const ROWS: readonly Row[] = [
  ["no proxy: the header is not read", { hops: 0 }, "198.51.100.7", "203.0.113.1", "198.51.100.7"],
  ["one proxy: its own entry", { hops: 1 }, "10.0.0.1", "203.0.113.1", "203.0.113.1"],
  [
    "one proxy: what a client made up stands left",
    { hops: 1 },
    "10.0.0.1",
    "1.1.1.1, 203.0.113.1",
    "203.0.113.1",
  ],
  ["a CDN and a proxy", { hops: 2 }, "10.0.0.1", "1.1.1.1, 203.0.113.1, 192.0.2.9", "203.0.113.1"],
  ["round the proxies: no header", { hops: 1 }, "198.51.100.7", undefined, "198.51.100.7"],
  ["round the CDN: an entry is missing", { hops: 2 }, "10.0.0.1", "203.0.113.1", "10.0.0.1"],
  [
    "an entry that is no address ends the way",
    { hops: 2 },
    "10.0.0.1",
    "evil, 203.0.113.1",
    "10.0.0.1",
  ],
  [
    "a range: from the right, past our own",
    PRIVATE,
    "10.0.0.1",
    "1.1.1.1, 203.0.113.1, 10.9.9.9",
    "203.0.113.1",
  ],
  ["a range: round the proxies", PRIVATE, "198.51.100.7", "203.0.113.1", "198.51.100.7"],
  ["a range: one of our own calls", PRIVATE, "10.0.0.1", "10.0.0.7", "10.0.0.7"],
  ["a range of IPv6", PRIVATE, "fd00::1", "2001:db8::5", "2001:db8::5"],
  ["a socket of IPv4 in IPv6", PRIVATE, "::ffff:10.0.0.1", "203.0.113.1", "203.0.113.1"],
  ["IPv4 in IPv6 as IPv4", { hops: 1 }, "::1", "::FFFF:203.0.113.1", "203.0.113.1"],
  ["IPv4 in IPv6, in hexadecimal", { hops: 1 }, "::1", "::ffff:cb00:7101", "203.0.113.1"],
  ["a port and brackets", { hops: 1 }, "::1", "[2001:db8::5]:443", "2001:db8::5"],
  ["a port behind IPv4", { hops: 1 }, "::1", "203.0.113.1:5123", "203.0.113.1"],
  ["a zone", { hops: 0 }, "fe80::1%eth0", undefined, "fe80::1"],
  ["no socket", { hops: 1 }, undefined, "203.0.113.1", "unknown"],
];

describe("the address of a client", () => {
  for (const [what, trusted, socket, forwardedFor, client] of ROWS) {
    test(`${what}: ${client}`, () => {
      expect(clientAddressOf({ socket, forwardedFor }, trusted)).toBe(client);
    });
  }
});

describe("limits count", () => {
  test("IPv4 by the address, IPv6 by the /64", () => {
    expect(countedAddress("203.0.113.1")).toBe("203.0.113.1");
    expect(countedAddress("2001:db8:1:2:3:4:5:6")).toBe("2001:db8:1:2::/64");
    expect(countedAddress("2001:db8:1:2::9")).toBe("2001:db8:1:2::/64");
    expect(countedAddress("2001:db8:1:3::9")).toBe("2001:db8:1:3::/64");
    expect(countedAddress("::1")).toBe("0:0:0:0::/64");
    expect(countedAddress("unknown")).toBe("unknown");
  });
});

describe("a range", () => {
  test("is an address or a prefix that fits its family", () => {
    expect(parseAddressRange("10.0.0.0/8")).toEqual({ base: "10.0.0.0", prefixBits: 8 });
    expect(parseAddressRange("2001:db8::1")).toEqual({ base: "2001:db8::1", prefixBits: 128 });
    for (const bad of [
      "10.0.0.0/33",
      "10.0.0/8",
      "::/129",
      "fe80::1%eth0",
      "1",
      "",
      "10.0.0.0/8/8",
      "a/8",
    ]) {
      expect([bad, parseAddressRange(bad)]).toEqual([bad, null]);
    }
  });
});
