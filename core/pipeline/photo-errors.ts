import { DrapeError, ERRORS } from "../model/errors.ts";
import { photosOf } from "../model/task-photos.ts";
import type { Task } from "../model/task.ts";

const ADDRESS_MAX = 200;

/** Whether the customer has to mend the photo itself; anything else is no photo's fault. */
export function isOfThePhoto({ code }: Pick<DrapeError, "code">): boolean {
  return ERRORS[code].whose === "customer" && ERRORS[code].outcome === "fail";
}

/**
 * What is wrong with a photo, told as its customer knows it: by its number and its own address, with its place in the
 * request as `details.pointer`. An error that is not the photo's comes back as it is.
 */
export function errorOfPhoto(task: Task, index: number, error: DrapeError): DrapeError {
  if (!isOfThePhoto(error) || error.details["pointer"] !== undefined) return error;
  const { address = "", pointer } = photosOf(task)[index] ?? {};
  const name = address.length <= ADDRESS_MAX ? address : `${address.slice(0, ADDRESS_MAX - 1)}…`;
  const isNamed = name === "" || error.message.includes(name);
  const message = `Photo ${index + 1}${isNamed ? "" : ` (${name})`}: ${error.message}`;
  const details = { ...error.details, ...(pointer === undefined ? {} : { pointer }) };
  return new DrapeError(error.code, message, { ran: error.ran, cause: error, details });
}
