// The twelve words as they are typed or pasted: one by one, with what can be seen of a slip before the core is asked.
import { count, t } from '../language/strings.ts';

export const wordCount = 12;

export type TypedWords = readonly string[];

export const noWords: TypedWords = Array.from({ length: wordCount }, () => '');

/** A number before a word is that of the sheet, and none of it. */
function split(text: string): readonly string[] {
  return text
    .toLowerCase()
    .split(/[\s,;]+/)
    .map((word) => word.replace(/^\d{1,2}[.):]?/, '').trim())
    .filter((word) => word !== '');
}

/** With a text typed or pasted at a place: several words fill this place and those behind it. */
export function withTyped(words: TypedWords, at: number, text: string): TypedWords {
  const given = split(text);
  if (given.length <= 1) return words.with(at, text.trim().toLowerCase());
  // All of them are all of them, wherever they are put.
  const from = given.length >= wordCount ? 0 : at;
  return words.map((word, index) => given[index - from] ?? word);
}

/** Whether somebody goes on to the next word: a blank ends this one. */
export function endsWord(text: string): boolean {
  return /\S\s$/.test(text);
}

/**
 * What is wrong with a word by its form; '': nothing. Words of the list (BIP 39, English) have 3 to 8 small letters:
 * https://github.com/bitcoin/bips/blob/master/bip-0039/english.txt
 */
export function wordProblem(word: string): string {
  if (word === '') return '';
  if (!/^[a-z]+$/.test(word)) return t('Only the letters a to z.');
  if (word.length < 3) return t('Every word has 3 letters at least.');
  return word.length > 8 ? t('No word has more than 8 letters.') : '';
}

/** As the core takes them; `null`: some are missing, or cannot be right. */
export function passwordOf(words: TypedWords): string | null {
  const isGood = words.every((word) => word !== '' && wordProblem(word) === '');
  return isGood ? words.join(' ') : null;
}

/** What is left to do, in a sentence; '': nothing. */
export function wordsLeft(words: TypedWords): string {
  const wrong = words.findIndex((word) => wordProblem(word) !== '');
  if (wrong !== -1)
    return t('Word {{number}}: {{problem}}', {
      number: wrong + 1,
      problem: wordProblem(words[wrong] ?? ''),
    });
  const given = words.filter((word) => word !== '').length;
  if (given === wordCount) return '';
  return count(given, '{{n}} of 12 words is there.', '{{n}} of 12 words are there.');
}

/** The words that an error of the core names by their number, from 1: `word 3 is not in the list`. */
export function namedWords(message: string): readonly number[] {
  return [...message.matchAll(/\bword (1[0-2]|[1-9])\b/gi)].map(([, number]) => Number(number));
}

/** Two of the twelve to ask for, by numbers from 1 that look random: `dice` gives 0 up to but not 1. */
export function askedWords(dice: () => number): readonly [number, number] {
  const first = 1 + Math.floor(dice() * wordCount);
  const second = 1 + Math.floor(dice() * (wordCount - 1));
  const other = second >= first ? second + 1 : second;
  return first < other ? [first, other] : [other, first];
}
