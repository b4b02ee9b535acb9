import type { Driver } from "kysely";
import { commitError } from "./database-errors.ts";

/**
 * The same driver, whose ends of transactions tell the truth: an error at `commit` says what it means (nobody knows),
 * and a `rollback` that fails hides no error before it. It may fail safely: a lost connection and a full disk have
 * rolled back by themselves.
 */
export function honestDriver(driver: Driver): Driver {
  const commit = driver.commitTransaction.bind(driver);
  const rollback = driver.rollbackTransaction.bind(driver);
  driver.commitTransaction = (connection) =>
    commit(connection).catch((error: unknown) => {
      throw commitError(error);
    });
  driver.rollbackTransaction = (connection) => rollback(connection).catch(() => undefined);
  return driver;
}
