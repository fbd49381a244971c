// Finds values by the names before them: `smtp_password = …`, `"token": […]`, `--secret …`, and what follows on the next lines.

/** Parts of the names of things whose values are secrets. */
const secretWord =
  /pass(?:word|wd|phrase|code)?|pwd|secrets?|tokens?|api[_-]?key|private[_-]?key|access[_-]?key|signing[_-]?key|encryption[_-]?key|hmac[_-]?key|master[_-]?key|credentials?|session[_-]?id|auth[_-]?key|otp|cookies?/g;
/** What makes a name speak of a secret without being one: `minimum_password_length`. */
const measure =
  /^(?:lengths?|days?|lifetime|expir\w*|limits?|counts?|ttl|timeouts?|complexity|policy|policies|enabled|required)$/;

/** Whether what has this name is a secret. A word behind a dot is a file or a host: `token.rb`. */
export function isSecretName(name: string): boolean {
  const last = name
    .slice(name.lastIndexOf('.') + 1)
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase();
  const word = [...last.matchAll(secretWord)].at(-1);
  if (word === undefined) return false;
  const [, ...behind] = last.slice(word.index + word[0].length).split(/[_-]+/);
  return !behind.some((part) => measure.test(part));
}

/** Nothing, switches, small numbers. */
const plainWord = '(?:true|false|null|nil|none|yes|no|on|off|~|\\d{1,3})';
/** Where a secret lies. */
const place = '(?:/run/secrets/|\\./secrets/|/etc/)[\\w./@+-]*';
const harmlessWhole = new RegExp(
  `^(?:${plainWord}|\\{\\}|\\[\\]|\\[removed\\]|${place}|File\\.read\\((?:'${place}'|"${place}")\\)(?:\\.\\w+)*)?$`,
  'i',
);
/** In the middle of a line, such a value ends where the next one of a list begins. */
const harmlessBegin = new RegExp(
  `(?:${plainWord}|${place})(?=[ \\t]*(?:$|[}\\])]|,[ \\t]*\\\\*["'{]|,[ \\t]*[\\w.-]{1,64}[ \\t]*:|\\\\*["'](?:[\\s,}\\])]|$)))`,
  'imy',
);

function isHarmless(value: string): boolean {
  const plain = value.trim().replace(/,$/, '');
  const [, , inside] = /^(["'])(.*)\1$/.exec(plain) ?? [];
  return harmlessWhole.test(inside ?? plain);
}

/** A name and the sign behind it, in quotes or brackets as in JSON, YAML, Ruby and shells. */
const named = /(?<![\w.-])([\w.-]{1,512})[\\"'\])]{0,16}[ \t]{0,64}(?:=>|:=|={1,3}|:(?!:))[ \t]*/g;
const option = /(?<![\w.-])(--?[A-Za-z][\w.-]{0,200})[ \t]{1,16}(?!-)/g;
/** A value in quotation marks, which may be escaped themselves. */
const quoted = /(\\+)"[^\n]*?(?<!\\)\1"|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/y;
const restOfLine = /[^\r\n]*/y;
/** As in the question of an address. */
const oneWord = /(?:[^\s&"']|&(?![\w.%[\]-]{1,64}=))+/y;
const noBlanks = /\S+/y;

/** The part of a text to take out, and what to write there. */
interface Found {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** Puts `mark` in place of every value whose name is that of a secret. Takes time in proportion to the text's length. */
export function withoutNamedValues(text: string, mark: string): string {
  const values = replaceFound(text, named, (head, end) => valueBehind(text, head, end, mark));
  return replaceFound(values, option, (_head, end) => {
    const value = match(quoted, values, end) ?? match(noBlanks, values, end);
    return value === null || isHarmless(value) ? null : { start: end, end: end + value.length, put: mark };
  });
}

/** Each name is looked at once, also those in the value of a name that is none of a secret. */
function replaceFound(
  text: string,
  heads: RegExp,
  find: (head: RegExpExecArray, end: number) => Found | null,
): string {
  const pieces: string[] = [];
  let done = 0;
  heads.lastIndex = 0;
  for (let head = heads.exec(text); head !== null; head = heads.exec(text)) {
    const found = isSecretName(head[1] ?? '') ? find(head, heads.lastIndex) : null;
    if (found === null) continue;
    pieces.push(text.slice(done, found.start), found.put);
    done = found.end;
    heads.lastIndex = found.end;
  }
  return pieces.join('') + text.slice(done);
}

function match(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function valueBehind(text: string, head: RegExpExecArray, end: number, mark: string): Found | null {
  const indent = indentBefore(text, head.index);
  if (indent !== null) return restBehind(text, { name: head[1] ?? '', indent, end }, mark);
  const value = valueInside(text, head[0].includes(':'), end);
  return value === '' ? null : { start: end, end: end + value.length, put: mark };
}

/** In the middle of a line; '' for what may stay. */
function valueInside(text: string, hasColon: boolean, at: number): string {
  if (hasColon && match(harmlessBegin, text, at) !== null) return '';
  const isNested = (text[at] === '[' || text[at] === '{') && !text.startsWith('[removed]', at);
  const value =
    match(quoted, text, at) ??
    (isNested ? nested(text, at) : match(hasColon ? restOfLine : oneWord, text, at)) ??
    '';
  return isHarmless(value) ? '' : value;
}

/** A list or an object to its closing bracket, or to the end of the line where that is missing. */
function nested(text: string, at: number): string {
  let depth = 0;
  let quote = '';
  let end = at;
  for (; end < text.length && text[end] !== '\n'; end += 1) {
    const one = text[end] ?? '';
    if (one === '\\') end += 1;
    else if (quote !== '') quote = one === quote ? '' : quote;
    else if (one === '"' || one === "'") quote = one;
    else if (one === '[' || one === '{') depth += 1;
    else if (one === ']' || one === '}') depth -= 1;
    if (depth === 0) return text.slice(at, end + 1);
  }
  return text.slice(at, end);
}

/** What may stand before a name that begins a line: of a list, a comment, a shell, a service's log, or a table in Ruby. */
const lineBegin =
  /^([ \t]*)(?:[\w.-]+[ \t]*\|[ \t]+)?(?:#[ \t]*)?(?:-[ \t]+)?(?:export[ \t]+)?[\w.[\]"'\\]*$/;
/** Characters. */
const longestBegin = 256;

/** How far the line is indented that a name begins; `null`: other things stand before it. */
function indentBefore(text: string, at: number): number | null {
  const before = text.slice(Math.max(0, at - longestBegin), at);
  const line = before.lastIndexOf('\n');
  if (line === -1 && at > longestBegin) return null;
  return lineBegin.exec(before.slice(line + 1))?.[1]?.length ?? null;
}

interface LineName {
  readonly name: string;
  readonly indent: number;
  /** Of name and sign. */
  readonly end: number;
}

/** The whole line is the value; where it says nothing yet, the lines below are. */
function restBehind(text: string, { name, indent, end }: LineName, mark: string): Found | null {
  const rest = match(restOfLine, text, end) ?? '';
  const plain = rest.replace(/(?<=\s)#.*$/, '').trim();
  const isBlock = /^[|>][+\-\d]{0,2}$/.test(plain);
  if (plain === '' || plain === '[' || isBlock) {
    const start = end + rest.length;
    // Looked at first: else each line of a long list would be gone through for every one above it.
    if (!isBlock && match(fields, text, start) !== null) return null;
    const below = linesBelow(text, start, indent);
    if (below === '' || (!isBlock && mayStay(below, name))) return null;
    return { start, end: start + below.length, put: /\s/.test(text[start - 1] ?? '') ? mark : ` ${mark}` };
  }
  if (plain === '{' || isHarmless(rest)) return null;
  return { start: end, end: end + rest.length, put: mark };
}

const oneLine = /\r?\n[^\n]*/y;

/** The lines that are indented further, each with the line feed before it; a list of YAML needs no indentation. */
function linesBelow(text: string, start: number, indent: number): string {
  let [at, end] = [start, start];
  for (let line = match(oneLine, text, at); line !== null; line = match(oneLine, text, at)) {
    at += line.length;
    const plain = line.replace(/^\r?\n/, '');
    if (plain.trim() === '') continue;
    const depth = /^[ \t]*/.exec(plain)?.[0].length ?? 0;
    if (depth < indent || (depth === indent && !plain.startsWith('- ', depth))) break;
    end = at;
  }
  return text.slice(start, end);
}

/** Fields with names of their own, which are looked at by themselves. */
const fields =
  /(?:\r?\n[ \t]*)+(?:-[ \t]+)?(?:\{|(?:"[^"\n]{1,128}"|'[^'\n]{1,128}'|[\w./-]{1,128})[ \t]*:(?:\s|$))/y;

/** A value that is no secret, or a service's list of the names of its secrets. */
function mayStay(below: string, name: string): boolean {
  const lines = below.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 1 && isHarmless(lines[0] ?? '')) return true;
  return name === 'secrets' && lines.every((line) => /^[ \t]*- ["']?[a-z0-9-]{1,64}["']?\r?$/.test(line));
}
