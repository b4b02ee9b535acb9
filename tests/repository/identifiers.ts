/** After these words a slash begins a regular expression, though they are made of letters. */
const BEFORE_REGEX = new Set(["return", "typeof", "case", "in", "of", "await", "throw", "else"]);

const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const STRING = /"(?:\\[\s\S]|[^"\\])*"|'(?:\\[\s\S]|[^'\\])*'/y;
/** Text of a template, up to its end or to the next `${`. */
const TEMPLATE_TEXT = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;
const REGEX = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;
const NAME = /[A-Za-z_$][\w$]*/y;
const NUMBER = /\d[\w.]*/y;
const SPACE = /\s+/y;

/** The identifiers of a TypeScript source in their order, without what its comments and strings say. */
export function identifiersOf(source: string): string[] {
  const names: string[] = [];
  /** What each open brace belongs to: a block or the expression of a template. */
  const open: ("block" | "template")[] = [];
  let at = 0;
  /** Whether a slash would divide what stands before it. */
  let isValue = false;
  const take = (pattern: RegExp): string | null => {
    pattern.lastIndex = at;
    const [text = null] = pattern.exec(source) ?? [];
    if (text !== null) at += text.length;
    return text;
  };
  const template = (): void => {
    const isExpression = take(TEMPLATE_TEXT)?.endsWith("${") === true;
    if (isExpression) open.push("template");
    isValue = !isExpression;
  };

  while (at < source.length) {
    if (take(SPACE) !== null || take(COMMENT) !== null) continue;
    if (take(STRING) !== null || take(NUMBER) !== null) isValue = true;
    else if (!isValue && take(REGEX) !== null) isValue = true;
    else {
      const name = take(NAME);
      if (name !== null) {
        names.push(name);
        isValue = !BEFORE_REGEX.has(name);
        continue;
      }
      const sign = source[at] ?? "";
      at += 1;
      if (sign === "`" || (sign === "}" && open.pop() === "template")) template();
      else isValue = sign === ")" || sign === "]" || sign === "}";
      if (sign === "{") open.push("block");
    }
  }
  return names;
}
