// Reads what a check says of a repository: which packs, trees and snapshots are damaged, in sentences.
import { plainLine } from './restic-errors.ts';

/** More say nothing new. */
const mostFindings = 100;

/** What it says of its own going on, and advice to who types commands. */
const idle =
  /^(?:using temporary cache|create exclusive lock|load indexes|check all packs|check snapshots|read (?:group|all|\S+ of)|no errors|\[|repository contains errors|the repository is damaged and must be repaired|you must run|the repository contains damaged pack files|restic repair|repair the|todo: |load\(.*retrying|check\S* will|this is non-critical|please read|these damaged|- (?:restic|remove)|fatal: repository|loadindex returned errors|summary|damaged pack files can be|the repository index is damaged|duplicate packs are|mixed packs with|\d+ additional files|unused blob)/i;

const id = (hex: string): string => hex.slice(0, 10);

const known: readonly { readonly words: RegExp; readonly say: (hex: string, rest: string) => string }[] = [
  {
    words: /^Pack ID does not match, want ([0-9a-f]{8,64}), got [0-9a-f]+/i,
    say: (hex) => `Pack ${id(hex)} is damaged: its content is not what was written.`,
  },
  { words: /^pack ([0-9a-f]{8,64}):? does not exist/i, say: (hex) => `Pack ${id(hex)} is missing.` },
  {
    words:
      /^pack ([0-9a-f]{8,64}):? (?:unexpected pack id|contains \d+ errors:? .*|unexpected file size: (.*)|.*)/i,
    say: (hex, rest) => `Pack ${id(hex)} is damaged${rest === '' ? '.' : `: ${rest}.`}`,
  },
  {
    words: /error loading (index|snapshot|tree) ([0-9a-f]{8,64}).*/i,
    say: (what, hex) => `The ${what} ${id(hex)} is damaged: it cannot be read.`,
  },
  {
    words: /^error for tree ([0-9a-f]{8,64}).*/i,
    say: (hex) => `The folder ${id(hex)} of a backup is damaged.`,
  },
];

/** Sentences, each once, and one for each pack; `lines`: all that it has printed. */
export function readFindings(lines: readonly string[]): readonly string[] {
  const found = new Map<string, string>();
  for (const line of lines) {
    const words = plainLine(line)
      .replace(/^error: /i, '')
      .trim();
    if (words === '' || idle.test(words) || found.size >= mostFindings) continue;
    const told = sentence(words);
    const about = /^Pack [0-9a-f]+/.exec(told)?.[0] ?? told;
    if (!found.has(about)) found.set(about, told);
  }
  return [...found.values()];
}

function sentence(words: string): string {
  for (const { words: pattern, say } of known) {
    const match = pattern.exec(words);
    if (match !== null) return say(match[1] ?? '', match[2] ?? '');
  }
  return words.length > 300 ? `${words.slice(0, 300)}…` : words;
}
