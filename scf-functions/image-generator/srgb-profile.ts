const HEADER_BYTES = 128;
const ENTRY_BYTES = 12;
const ENTRIES_MAX = 100;

/** Whether an ICC profile calls itself sRGB, by its description (ICC.1:2010, 7.3 and 9.2.41). Unreadable ones do not. */
export function isSrgbProfile(profile: Buffer): boolean {
  const description = tagOf(profile, "desc");
  // ASCII in older profiles, UTF-16 in newer ones: without its zeros one reads as the other.
  return description.toString("latin1").replaceAll("\0", "").includes("sRGB");
}

function tagOf(profile: Buffer, name: string): Buffer {
  if (profile.byteLength < HEADER_BYTES + 4) return Buffer.alloc(0);
  const entries = Math.min(profile.readUInt32BE(HEADER_BYTES), ENTRIES_MAX);
  for (let at = 0; at < entries; at += 1) {
    const start = HEADER_BYTES + 4 + at * ENTRY_BYTES;
    if (start + ENTRY_BYTES > profile.byteLength) break;
    if (profile.toString("latin1", start, start + 4) !== name) continue;
    const offset = profile.readUInt32BE(start + 4);
    return profile.subarray(offset, offset + profile.readUInt32BE(start + 8));
  }
  return Buffer.alloc(0);
}
