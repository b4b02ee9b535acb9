const STATUS_OF_CODE = {
  AccessDenied: 403,
  BadDigest: 400,
  EntityTooLarge: 400,
  EntityTooSmall: 400,
  FileAlreadyExists: 409,
  InternalError: 500,
  InvalidAccessKeyId: 403,
  InvalidArgument: 400,
  InvalidRange: 416,
  InvalidURI: 400,
  MalformedPOSTRequest: 400,
  MethodNotAllowed: 405,
  NoSuchBucket: 404,
  NoSuchKey: 404,
  NotImplemented: 501,
  SignatureDoesNotMatch: 403,
} as const;

export type CosErrorCode = keyof typeof STATUS_OF_CODE;

/** What the emulated COS answers instead of an object: a code of 436/7730 with its HTTP status. */
export class CosError extends Error {
  readonly code: CosErrorCode;
  readonly status: number;

  constructor(code: CosErrorCode, message: string) {
    super(message);
    this.name = "CosError";
    this.code = code;
    this.status = STATUS_OF_CODE[code];
  }
}
