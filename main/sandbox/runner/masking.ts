// Keeps secrets out of a job's log while it streams, even when one arrives in pieces.
import { escapeForRegExp } from './glob.ts';

/** A step of a stream of text; what it holds back comes out later. */
export interface TextFilter {
  /** Takes the next piece and returns what is safe to show by now. */
  write(text: string): string;
  /** The rest, when nothing more will come. */
  end(): string;
}

const mask = '[MASKED]';
const nothingToHide: TextFilter = { write: (text) => text, end: () => '' };

/**
 * Replaces every secret by `[MASKED]`, leftmost and longest first. Secrets are trimmed; empty ones are ignored,
 * as GitLab's runner does.
 */
export function maskSecrets(secrets: readonly string[]): TextFilter {
  const known = longestFirst(secrets.map((secret) => secret.trim()));
  const [longest] = known;
  if (longest === undefined) return nothingToHide;
  const search: Search = {
    pattern: new RegExp(known.map(escapeForRegExp).join('|'), 'g'),
    replace: () => mask,
    longestBeginning: longest.length - 1,
    isBeginning: (tail) => known.some((secret) => secret.length > tail.length && secret.startsWith(tail)),
  };
  let held = '';
  return {
    write(text) {
      const scanned = scan(held + text, search);
      held = scanned.held;
      return scanned.shown;
    },
    end() {
      const rest = held.replaceAll(search.pattern, search.replace);
      held = '';
      return rest;
    },
  };
}

const tokenCharacters = '[A-Za-z0-9_.=-]';

/** Masks what follows a token prefix such as `glpat-`; the prefix stays, so that people see what was hidden. */
export function maskTokens(prefixes: readonly string[]): TextFilter {
  const known = longestFirst(prefixes);
  const [longest] = known;
  if (longest === undefined) return nothingToHide;
  const search: Search = {
    pattern: new RegExp(`(${known.map(escapeForRegExp).join('|')})${tokenCharacters}+`, 'g'),
    replace: (_token, prefix) => prefix + mask,
    longestBeginning: longest.length,
    isBeginning: (tail) => known.some((prefix) => prefix.startsWith(tail)),
  };
  const restOfToken = new RegExp(`^${tokenCharacters}+`);
  let held = '';
  let isInToken = false;
  return {
    write(text) {
      const all = isInToken ? text.replace(restOfToken, '') : held + text;
      if (isInToken && all === '') return '';
      const scanned = scan(all, search);
      held = scanned.held;
      isInToken = scanned.endsInMatch;
      return scanned.shown;
    },
    end() {
      const rest = held.replaceAll(search.pattern, search.replace);
      held = '';
      isInToken = false;
      return rest;
    },
  };
}

/** Joins filters; the first sees the text first. */
export function chainFilters(filters: readonly TextFilter[]): TextFilter {
  return {
    write: (text) => filters.reduce((piece, filter) => filter.write(piece), text),
    end: () => filters.reduce((piece, filter) => filter.write(piece) + filter.end(), ''),
  };
}

function longestFirst(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].filter((text) => text !== '').sort((a, b) => b.length - a.length);
}

interface Search {
  readonly pattern: RegExp;
  readonly replace: (match: string, prefix: string) => string;
  /** The most characters at the end of a text that can be the beginning of a longer match. */
  readonly longestBeginning: number;
  readonly isBeginning: (tail: string) => boolean;
}

interface Scanned {
  readonly shown: string;
  readonly held: string;
  readonly endsInMatch: boolean;
}

/** Replaces matches from left to right, up to the first place that may be the beginning of one still to come. */
function scan(text: string, search: Search): Scanned {
  let shown = '';
  let from = 0;
  let hold = holdFrom(text, from, search);
  for (const match of text.matchAll(search.pattern)) {
    if (match.index >= hold) break;
    shown += text.slice(from, match.index) + search.replace(match[0], match[1] ?? '');
    from = match.index + match[0].length;
    if (hold < from) hold = holdFrom(text, from, search);
  }
  const endsInMatch = from > 0 && from === text.length;
  return { shown: shown + text.slice(from, hold), held: text.slice(hold), endsInMatch };
}

function holdFrom(text: string, from: number, search: Search): number {
  for (let place = Math.max(from, text.length - search.longestBeginning); place < text.length; place += 1) {
    if (search.isBeginning(text.slice(place))) return place;
  }
  return text.length;
}
