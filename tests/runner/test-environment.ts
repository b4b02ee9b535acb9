import { CONFIG_NAMES } from "../../runtime/config/config-table.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** What the tests see of their starter's environment: no address, key or limit of the product's configuration. */
export function testEnvironment(environment: Environment): Environment {
  const own: ReadonlySet<string> = new Set(CONFIG_NAMES);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !own.has(name)));
}
