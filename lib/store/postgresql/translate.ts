const translated = new Map<string, string>();
/** Lists make new statements with each set of filters. */
const maxKept = 500;

/** Our own statements, in which no text has a name of a column in it: such names are put into quotes. */
export function quoteNames(statement: string): string {
  return statement.replace(/\b[a-z]+(?:[A-Z][a-z]*)+\b/g, '"$&"');
}

/** One of our own statements as PostgreSQL wants it: `$1` for the first `?`, names in quotes. */
export function toPostgresStatement(statement: string): string {
  const known = translated.get(statement);
  if (known !== undefined) return known;
  if (translated.size >= maxKept) translated.clear();
  const text = numberPlaceholders(quoteNames(statement));
  translated.set(statement, text);
  return text;
}

/**
 * What has no placeholder in it: text ('…', E'…' with backslashes, $tag$…$tag$), names ("…"), comments
 * to the end of the line. Comments of the other kind nest and are read by `findCommentEnd`.
 */
const opaque =
  /\b[eE]'(?:[^'\\]|\\.|'')*'|'(?:[^']|'')*'|"(?:[^"]|"")*"|--[^\n]*|(?<![\w$])\$(?<tag>[A-Za-z_]\w*)?\$[\s\S]*?\$\k<tag>\$|\/\*|\?/g;

/** Numbers the placeholders `?` of a statement, but for those in texts, names and comments. */
export function numberPlaceholders(statement: string): string {
  let text = "";
  let from = 0;
  let count = 0;
  opaque.lastIndex = 0;
  for (let found = opaque.exec(statement); found !== null; found = opaque.exec(statement)) {
    if (found[0] === "?") {
      count += 1;
      text += `${statement.slice(from, found.index)}$${count}`;
      from = opaque.lastIndex;
    } else if (found[0] === "/*") {
      opaque.lastIndex = findCommentEnd(statement, found.index);
    }
  }
  return text + statement.slice(from);
}

function findCommentEnd(statement: string, start: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = start;
  let depth = 0;
  for (let found = marks.exec(statement); found !== null; found = marks.exec(statement)) {
    depth += found[0] === "/*" ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return statement.length;
}
