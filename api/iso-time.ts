/** A moment as the wire has it; null for one that has not been, or that nobody knows. */
export function isoTime(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
