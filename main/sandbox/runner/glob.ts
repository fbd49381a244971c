// Artifact and cache patterns as GitLab's runner reads them: doublestar globs that also match dot files.

export function escapeForRegExp(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&');
}

/** A pattern split where its first wildcard is: `a/b/*.txt` is a folder `a/b` to walk and a rest to match. */
export interface SplitPattern {
  readonly base: string;
  readonly hasWildcard: boolean;
}

/** Finds the folder from which a walk for a pattern has to start; without a wildcard it is the whole pattern. */
export function splitPattern(pattern: string): SplitPattern {
  const wildcard = pattern.search(/[*?[{]/);
  if (wildcard < 0) return { base: pattern, hasWildcard: false };
  return { base: pattern.slice(0, pattern.lastIndexOf('/', wildcard) + 1), hasWildcard: true };
}

/**
 * Translates a doublestar pattern for paths relative to the project folder, without a leading `./`.
 * `*` and `?` stop at slashes, `**` as a whole part does not, `{a,b}` are alternatives, `[a-z]` and `[!a]` are classes.
 * @see https://github.com/bmatcuk/doublestar
 */
export function globToRegExp(pattern: string): RegExp {
  return new RegExp(`^${translate(pattern)}$`);
}

const tokens = /\/\*\*$|(?<![^/])\*\*\/|\*+|\?|\[(!|\^)?((?:\\.|[^\]\\])+)\]|\{([^{}]*)\}|\\(.)|[^]/g;

function translate(pattern: string): string {
  if (pattern === '**') return '.*';
  return pattern.replaceAll(tokens, (token: string, negated, members, alternatives, escaped): string => {
    if (typeof members === 'string')
      return `[${negated === undefined ? '' : '^'}${members.replaceAll('[', '\\[')}]`;
    if (typeof alternatives === 'string') return `(?:${alternatives.split(',').map(translate).join('|')})`;
    if (typeof escaped === 'string') return escapeForRegExp(escaped);
    if (token === '/**') return '(?:/.*)?';
    if (token === '**/') return '(?:.*/)?';
    if (token.startsWith('*')) return '[^/]*';
    if (token === '?') return '[^/]';
    return escapeForRegExp(token);
  });
}
