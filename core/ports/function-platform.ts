/** What a function runs with; the platform keeps it for $LATEST and, unchangeable, for each version. */
export type FunctionSettings = {
  readonly runtime: string;
  readonly handler: string;
  readonly memoryMb: number;
  readonly timeoutSeconds: number;
  readonly environment: Readonly<Record<string, string>>;
  /** Null: none is asked for, and one that is bound stays. */
  readonly role: string | null;
  /** Letters, digits, spaces, commas and full stops only. */
  readonly description: string;
};

/** $LATEST or a version as the platform describes it. */
export type PlatformFunction = FunctionSettings & {
  /** "Active", "Updating", "CreateFailed" and so on (583/115197). */
  readonly status: string;
  /** Why a change failed, in the platform's words; "" when nothing is said. */
  readonly reason: string;
};

type PlatformVersion = {
  readonly number: string;
  readonly description: string;
  readonly status: string;
};

/** Where a code package is: an object in our bucket. */
type CodeObject = { readonly key: string };

type ConcurrencyMemory = {
  /** Of the region, in MB. */
  readonly totalMb: number;
  /** Reserved by all functions together. */
  readonly reservedMb: number;
};

/**
 * The platform as a deployment needs it. Changes are asynchronous: look at `describe` until it is Active. Throws Error
 * with the platform's code and what to look at; a thing that is not there is null.
 */
export interface FunctionPlatform {
  /** `qualifier` is "$LATEST" or a version's number. */
  describe(name: string, qualifier: string): Promise<PlatformFunction | null>;
  create(name: string, code: CodeObject, settings: FunctionSettings): Promise<void>;
  updateCode(name: string, code: CodeObject, handler: string): Promise<void>;
  updateSettings(name: string, settings: FunctionSettings): Promise<void>;
  remove(name: string): Promise<void>;
  /** Gives the number. */
  publish(name: string, description: string): Promise<string>;
  /** The newest 100, the newest first. */
  versions(name: string): Promise<readonly PlatformVersion[]>;
  aliasedVersion(name: string, alias: string): Promise<string | null>;
  createAlias(name: string, alias: string, version: string): Promise<void>;
  moveAlias(name: string, alias: string, version: string): Promise<void>;
  reservedMemoryMb(name: string): Promise<number | null>;
  reserveMemory(name: string, mb: number): Promise<void>;
  concurrencyMemory(): Promise<ConcurrencyMemory>;
  /** Calls one version and gives what it returned; throws when the function failed. */
  invoke(name: string, qualifier: string, event: unknown): Promise<unknown>;
}
