// Names in sentences: those of GitLab may hold anything and be of any length.

/** Characters that a name may take in a sentence. */
const longestName = 28;

/** One line of at most `most` characters, with `…` where something is missing. */
export function shorten(text: string, most: number = longestName): string {
  const line = text.replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\s]+/gu, ' ').trim();
  if (line.length <= most) return line;
  let kept = '';
  for (const character of line) {
    if (kept.length + character.length > most - 1) break;
    kept += character;
  }
  return `${kept}…`;
}

/** `"gpu"`, shortened. */
export function quoted(name: string): string {
  return `"${shorten(name)}"`;
}

/** `cuda12, big and 3 more`: as many as fit, shortened. */
export function listed(names: readonly string[], most = 2): string {
  const shown = names.slice(0, most).map(quoted).join(', ');
  const more = names.length - most;
  return more > 0 ? `${shown} and ${more} more` : shown;
}
