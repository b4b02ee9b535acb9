/** What the emulated SCF answers instead of a result: a code of 583/30771 or of the action's own list. */
export class ScfError extends Error {
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = "ScfError";
    this.code = code;
  }
}
