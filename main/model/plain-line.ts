// Text of strangers on one line and with an end, for places that have no room: the tray, notifications, titles.

/** Letters, as a person counts them. */
const longestLine = 100;

const letters = new Intl.Segmenter();
/** Text in which every character is a letter of its own, as nearly all is: cutting it takes no looking up. */
const simple = /^[\x20-\x7e]*$/;

/**
 * One line without control characters, without marks that turn the direction of what follows, and cut where it is too
 * long. Letters stay whole.
 */
export function plainLine(text: string, longest = longestLine): string {
  // A stranger's name may have megabytes; what is cut here is cut again below.
  const plain = text
    .slice(0, 8 * longest)
    .replaceAll(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  if (simple.test(plain)) return plain.length > longest ? `${plain.slice(0, longest - 1)}…` : plain;
  const parts = Array.from(letters.segment(plain), ({ segment }) => segment);
  return parts.length > longest ? `${parts.slice(0, longest - 1).join('')}…` : plain;
}
