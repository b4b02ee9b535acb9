/** `page` with what stands between the two marks of `name` replaced by `text`. Throws where a mark is missing. */
export function withGenerated(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- ${name}: made by npm run check:fix -->`, `<!-- /${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`the page lacks the marks ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${text}\n\n${page.slice(to)}`;
}
