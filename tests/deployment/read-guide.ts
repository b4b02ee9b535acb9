/** The lines of the `sh` blocks below a document's headings that begin with one of `sections`, in the document's order. */
export function guideLines(markdown: string, sections: readonly string[]): readonly string[] {
  const chosen = markdown
    .split(/^## /m)
    .filter((text) => sections.some((section) => text.startsWith(section)));
  return chosen
    .flatMap((text) => [...text.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = ""]) => block))
    .flatMap((block) => block.replaceAll("\\\n", "").split("\n"))
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"));
}

/** A copy of `.env.production` with these values in the place of what stands there, commented out or not. */
export function filledIn(file: string, values: Readonly<Record<string, string>>): string {
  let text = file;
  for (const [name, value] of Object.entries(values)) {
    const line = `${name}=${value}`;
    const existing = new RegExp(`^(# )?${name}=.*$`, "m");
    text = existing.test(text) ? text.replace(existing, () => line) : `${text}${line}\n`;
  }
  return text;
}
