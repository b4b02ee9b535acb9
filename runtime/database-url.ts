import { loadEnvironment } from "./load-environment.ts";

/** The database that a command works on: what its option names, else the one of the environment. */
export function databaseUrl(named?: string): string {
  return named ?? loadEnvironment(process.env)["DATABASE_URL"] ?? "sqlite:.data/drape.sqlite";
}
