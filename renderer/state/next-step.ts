// A next step taken apart: its words, and the command that they end with.

export interface NextParts {
  readonly words: string;
  /** `autogit …`, without what surrounds it; `null`: the words are all there is. */
  readonly command: string | null;
}

/** Reads `Allow it more: autogit pool set demo --max 5`. */
export function nextParts(text: string): NextParts {
  const found = /^(.*:)\s+(autogit (?:(?!\. ).)*?)\.?$/su.exec(text);
  if (found === null) return { words: text, command: null };
  return { words: found[1] ?? '', command: found[2] ?? null };
}
