import { plugin } from "bun";

/** How long a test or a hook may take before it counts as hung. What has to be quick says so by an `expect`. */
const HUNG_MS = 300_000;

/**
 * Puts that limit into every test file, so that a plain `bun test <room>` passes on a busy machine as well: Bun reads no
 * limit from bunfig.toml, and one that is set here by `setDefaultTimeout` it forgets at the second file.
 */
plugin({
  name: "how long a test may take",
  setup(build) {
    build.onLoad({ filter: /\.test\.ts$/ }, async ({ path }) => {
      const text = await Bun.file(path).text();
      // On the first line, so that the others keep their numbers.
      const limit = `import { setDefaultTimeout as limitOfAll } from "bun:test"; limitOfAll(${HUNG_MS}); `;
      return { contents: limit + text, loader: "ts" };
    });
  },
});

// The product's processes that a test starts read none of the files that somebody filled in beside the sources.
process.env["DRAPE_ENV_FILES"] = "none";
