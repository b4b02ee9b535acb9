import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { failuresPage } from "./failures-page.ts";

writeFileSync(fileURLToPath(new URL("../../docs/failures.md", import.meta.url)), failuresPage());
