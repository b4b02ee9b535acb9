import { z } from "zod";
import { failureIn } from "./function-failure.ts";
import { sdkErrorOf } from "./sdk-error.ts";
import { parseJson } from "../core/resilience/parse-json.ts";

/** An error of the management API, with what to look at. */
export class DeploymentError extends Error {
  /** The platform's code, "" for what never reached it. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "DeploymentError";
    this.code = code;
  }
}

/** Where to look, by the beginning of the code (583/30771); the first that fits. */
const CURES: readonly (readonly [prefix: string, cure: string])[] = [
  ["AuthFailure.SignatureExpire", "Set this machine's clock: it is more than 5 minutes off."],
  ["AuthFailure.UnauthorizedOperation", "Give this key QcloudSCFFullAccess, or these actions."],
  ["AuthFailure", "Check the secret id and key that deploy."],
  ["UnauthorizedOperation.Role", "Let SCF read the bucket: grant it the role SCF_QcsRole."],
  ["UnauthorizedOperation", "Give this key QcloudSCFFullAccess, or these actions."],
  ["ResourceNotFound.Namespace", "Create SCF_NAMESPACE in the console, or correct it."],
  ["ResourceNotFound.Role", "Create the role of SCF_ROLE, with SCF as its carrier."],
  ["FailedOperation.QcsRoleNotFound", "Let SCF read the bucket: grant it the role SCF_QcsRole."],
  [
    "InvalidParameterValue.EnvironmentSystemProtect",
    "A variable has a name of the platform's own.",
  ],
  ["InvalidParameterValue.Runtime", "The region does not know this runtime yet: see the console."],
  ["LimitExceeded", "Raise the quota in the console, or ask for less."],
  ["RequestLimitExceeded", "Try again in a minute."],
  ["InsufficientBalance", "Pay the Tencent Cloud account's bill."],
  ["ResourceUnavailable.InsufficientBalance", "Pay the Tencent Cloud account's bill."],
  ["UnsupportedRegion", "Check TENCENTCLOUD_REGION."],
  ["InternalError", "Tencent's own failure: try again."],
];

/** Whatever the SDK threw, as one line: code, the platform's words, the cure. */
export function deploymentErrorOf(error: unknown, action: string, region: string): DeploymentError {
  if (error instanceof z.ZodError) {
    const where = error.issues.map(({ path }) => path.map(String).join(".")).join(", ");
    return new DeploymentError("", `${action}: an answer of another shape (${where}).`);
  }
  const { code, message, requestId } = sdkErrorOf(error);
  if (code === undefined) {
    const text = `${action}: no answer from SCF in ${region}: ${message.slice(0, 300)}`;
    return new DeploymentError("", text, { cause: error });
  }
  const cure = CURES.find(([prefix]) => code.startsWith(prefix))?.[1];
  const request = requestId === undefined ? "" : ` (request ${requestId})`;
  const said = `${action}: ${code}: ${message.slice(0, 300)}${request}`;
  return new DeploymentError(code, cure === undefined ? said : `${said}. ${cure}`, {
    cause: error,
  });
}

/** A function, a version or an alias that is not there; a missing namespace or package is a fault of its own. */
export function isMissing(error: unknown): boolean {
  const missing =
    /^ResourceNotFound\.(Function|FunctionName|FunctionVersion|Version|Alias|Qualifier)$/;
  return (
    error instanceof DeploymentError &&
    (missing.test(error.code) || error.code === "ResourceNotFound")
  );
}

/** What a function returned; its failure, which the platform tells in ErrMsg or RetMsg, is thrown. */
export function returnedBy(result: {
  readonly RetMsg?: string | null | undefined;
  readonly ErrMsg?: string | null | undefined;
}): unknown {
  const [returned, failed] = [result.RetMsg ?? "", result.ErrMsg ?? ""];
  const failure = failureIn({ errMsg: failed, retMsg: returned });
  if (failure !== null) {
    const trace = String(failure.stackTrace ?? "").slice(0, 400);
    throw new Error(`status ${failure.statusCode}, ${failure.errorMessage} ${trace}`.trim());
  }
  if (failed !== "") throw new Error(failed.slice(0, 400));
  const value = parseJson(returned);
  if (value === undefined) throw new Error("it returned something that is not JSON");
  return value;
}
