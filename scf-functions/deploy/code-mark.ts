/**
 * The platform tells no hash of a function's code, so the description carries it. A mark is never ahead of the code:
 * before new code goes in the mark becomes `UNKNOWN_CODE`, and the new one is written when the code is there. A
 * description takes letters, digits, spaces, commas and full stops.
 */
export function codeMark(sha256: string): string {
  return `Drape. code ${sha256}`;
}

export const UNKNOWN_CODE = "Drape. code unknown";

export function markedCode(description: string): string | null {
  return /^Drape\. code ([0-9a-f]{64})$/.exec(description)?.[1] ?? null;
}
