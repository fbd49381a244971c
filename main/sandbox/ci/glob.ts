// Path patterns of `changes` and `exists`, as Ruby's File.fnmatch with FNM_PATHNAME, FNM_DOTMATCH and FNM_EXTGLOB.
import { RE2JS } from 're2js';
import type { RegexBudget } from '../untrusted-regex.ts';
import { compileRegex, matchesRegex } from '../untrusted-regex.ts';

/** Tells whether a path matches. A pattern that cannot be compiled matches only itself. Throws `RegexBudgetError`. */
export type PathTest = (path: string) => boolean;

/** Compiles a pattern: `*` and `?` stay within a folder, `**` before a slash is any number of folders, `{a,b}` is a choice. */
export function compileGlob(pattern: string, budget: RegexBudget): PathTest {
  if (!/[*?[{\\]/.test(pattern)) return (path) => path === pattern;
  const simple = simpleTest(pattern);
  if (simple !== null) return simple;
  const source = globSource(pattern);
  return (path) => {
    if (path === pattern) return true;
    const regex = source === null ? null : compileRegex(source, budget);
    return regex !== null && matchesRegex(regex, path, budget);
  };
}

/** The two patterns that most people write need no expression: `**` + `/*.suffix`, and `folder/**` + `/*`. */
function simpleTest(pattern: string): PathTest | null {
  const suffix = /^\*\*\/\*([^*?[{\\/]*)$/.exec(pattern)?.[1];
  if (suffix !== undefined) return (path) => path.endsWith(suffix);
  const folder = /^([^*?[{\\]+\/)\*\*\/\*$/.exec(pattern)?.[1];
  return folder === undefined ? null : (path) => path.startsWith(folder);
}

/** `null`: an unclosed brace, which Ruby takes literally; nothing that people write, so it matches nothing here. */
function globSource(pattern: string): string | null {
  const parts: string[] = [];
  // For each open brace: whether it stands where a path segment starts.
  const braces: boolean[] = [];
  let rest = pattern;
  let segmentStart = true;
  while (rest !== '') {
    const token = nextToken(rest, segmentStart, braces.length > 0);
    parts.push(token.source);
    rest = rest.slice(token.length);
    if (token.kind === 'open') braces.push(segmentStart);
    else if (token.kind === 'close') braces.pop();
    if (token.kind === 'choice') segmentStart = braces.at(-1) ?? false;
    else if (token.kind !== 'open') segmentStart = token.kind === 'slash';
  }
  return braces.length === 0 ? `(?s)\\A(?:${parts.join('')})\\z` : null;
}

interface GlobToken {
  readonly source: string;
  readonly length: number;
  readonly kind: 'text' | 'slash' | 'open' | 'choice' | 'close';
}

function nextToken(rest: string, segmentStart: boolean, inBraces: boolean): GlobToken {
  const text = (source: string, length: number): GlobToken => ({ source, length, kind: 'text' });
  const folders = segmentStart ? /^(?:\*\*\/)+/.exec(rest) : null;
  if (folders !== null) return { source: '(?:[^/]*/)*', length: folders[0].length, kind: 'slash' };
  const stars = /^\*+/.exec(rest);
  if (stars !== null) return text('[^/]*', stars[0].length);
  const bracket = /^\[([!^]?)(\]?[^\]/]*)\]/.exec(rest);
  if (bracket !== null) return text(bracketSource(bracket[1] !== '', bracket[2] ?? ''), bracket[0].length);
  const character = String.fromCodePoint(rest.codePointAt(0) ?? 0);
  if (character === '/') return { source: '/', length: 1, kind: 'slash' };
  if (character === '?') return text('[^/]', 1);
  if (character === '{') return { source: '(?:', length: 1, kind: 'open' };
  if (character === '}' && inBraces) return { source: ')', length: 1, kind: 'close' };
  if (character === ',' && inBraces) return { source: '|', length: 1, kind: 'choice' };
  if (character === '\\' && rest.length > 1) {
    const escaped = String.fromCodePoint(rest.codePointAt(1) ?? 0);
    return text(RE2JS.quote(escaped), 1 + escaped.length);
  }
  return text(RE2JS.quote(character), character.length);
}

/** Only `-` keeps its meaning inside brackets. */
function bracketSource(negated: boolean, items: string): string {
  const escaped = Array.from(items, (item) => (item === '-' ? '-' : RE2JS.quote(item))).join('');
  return negated ? `[^/${escaped}]` : `[${escaped}]`;
}
