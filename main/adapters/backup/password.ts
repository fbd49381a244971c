// The words of the recovery sheet: BIP-39's, which are made to be written down and typed again.
import { generateMnemonic, validateMnemonic } from '@scure/bip39';
import { wordlist } from '@scure/bip39/wordlists/english.js';
import type { BackupWords } from '../../backup-ports.ts';

/** https://github.com/bitcoin/bips/blob/master/bip-0039.mediawiki: 128 bits are twelve words, the last with a checksum. */
const bits = 128;
const count = 12;

const known: ReadonlySet<string> = new Set(wordlist);

/** Words from the system's source of randomness, by BIP-39's English list. */
export function createBackupWords(): BackupWords {
  return { make: () => generateMnemonic(wordlist, bits), problem, normal };
}

function normal(words: string): string {
  return words.normalize('NFKD').toLowerCase().trim().split(/\s+/u).join(' ');
}

function problem(words: string): string | null {
  const list = normal(words).split(' ').filter(Boolean);
  const strange = list.findIndex((word) => !known.has(word));
  if (strange >= 0)
    return `Word ${strange + 1}, "${list[strange]}", is none of the list${guess(list[strange])}.`;
  if (list.length !== count) return `There are ${list.length} words; the sheet has ${count}.`;
  if (validateMnemonic(list.join(' '), wordlist)) return null;
  return 'Every word is one of the list, but they do not belong together: two are swapped, or one is another word.';
}

/** No two words of the list begin with the same four letters. */
function guess(word = ''): string {
  const meant = word.length < 4 ? undefined : wordlist.find((one) => one.startsWith(word.slice(0, 4)));
  return meant === undefined ? '' : `; perhaps "${meant}" is meant`;
}
