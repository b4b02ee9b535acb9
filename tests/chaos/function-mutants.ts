import { plant, type Mutant } from "./mutant.ts";

/** Small bugs of the image processor and of deployments. */
export const FUNCTION_MUTANTS: readonly Mutant[] = [
  // Image processor
  plant(
    "copies have no watermark",
    [
      "scf-functions/ai-image-processor/reencode-picture.ts",
      "const { raster } = await mark(small, operations, work);",
      "const { raster } = await mark(small, { ...operations, watermark: undefined }, work);",
    ],
    [
      "scf-functions/ai-image-processor/seen-in-pixels.test.ts",
      "stands on the picture and on each smaller copy, at the corner that was asked for:",
    ],
  ),
  plant(
    "WebP has one quality",
    [
      "scf-functions/ai-image-processor/encode-picture.ts",
      "return image.webp({ quality, effort: WEBP_EFFORT[purpose] });",
      "return image.webp({ quality: quality * 0 + 82, effort: WEBP_EFFORT[purpose] });",
    ],
    [
      "scf-functions/ai-image-processor/seen-in-pixels.test.ts",
      "less of it is a smaller file that is further from the photo",
    ],
  ),
  plant(
    "any format comes to the decoder",
    [
      "scf-functions/shared/picture.ts",
      'if (format === null && !isAvif(bytes)) throw new Error("not a picture that is read here");',
      "if (format === null && bytes.length === 0) throw new Error();",
    ],
    [
      "scf-functions/shared/picture.test.ts",
      "what is no JPEG, PNG or WebP never comes to the decoder",
    ],
  ),
  plant(
    "a side may be of any length",
    [
      "scf-functions/shared/picture.ts",
      "if (pixelsMax === undefined) refuseHuge({ width, height }, name);",
      "if (pixelsMax === 0) refuseHuge({ width, height }, name);",
    ],
    [
      "scf-functions/shared/picture.test.ts",
      "a ratio that no photo has is refused in every format",
    ],
  ),
  plant(
    "a size without bound is made",
    [
      "scf-functions/ai-image-processor/plan-output.ts",
      "  if (fault === null) return;\n",
      "  if (fault !== null) return;\n",
    ],
    [
      "scf-functions/ai-image-processor/plan-output.test.ts",
      "a size that was requested is refused with the limit, before any pixel is made",
    ],
  ),
  // Deployment
  plant(
    "a plan prints secrets",
    [
      "scf-functions/deploy/settings-changes.ts",
      "return isSecretVariable(name) ? `${name} ${how} (secret)` : `${name} ${how}: ${wanted[name]}`;",
      'return `${name} ${how}${isSecretVariable(name) ? " (secret)" : ""}: ${wanted[name]}`;',
    ],
    [
      "scf-functions/deploy/deploy-functions.test.ts",
      "with secrets changed and only planned: each is named, and no value old or new is printed",
    ],
  ),
  plant(
    "an alias moves before its version was tried",
    [
      "scf-functions/deploy/deploy-functions.ts",
      "if (moves.length > 0) await tryAllOut(deps, deployment.id, moves);\n  await moveAliases(deps, moves);",
      "await moveAliases(deps, moves);\n  if (moves.length > 0) await tryAllOut(deps, deployment.id, moves);",
    ],
    [
      "scf-functions/deploy/deploy-functions.test.ts",
      "leaves every alias where it was, also those of functions that pass",
    ],
  ),
  plant(
    "new code has the old code's mark",
    [
      "scf-functions/deploy/deploy-function.ts",
      "return { ...latest, description: UNKNOWN_CODE };",
      "return { ...latest, description: latest.description || UNKNOWN_CODE };",
    ],
    [
      "scf-functions/deploy/deploy-recovery.test.ts",
      "after the code: the code that is there is not taken for the one before",
    ],
  ),
  plant(
    "packages of other code have one name",
    [
      "scf-functions/deploy/pack-function.ts",
      "hash.update(`${path}\\0${bytes.byteLength}\\0`).update(bytes);",
      "hash.update(path).update(bytes);",
    ],
    [
      "scf-functions/deploy/pack-function.test.ts",
      "has another name when a byte moves from a file's name to its content, or to the next file",
    ],
  ),
];
