// Twelve fields for twelve words: typed one after the other or pasted at once, each looked at by itself.
import { useRef } from 'react';
import {
  endsWord,
  namedWords,
  withTyped,
  wordCount,
  wordProblem,
  wordsLeft,
} from '../../state/backup-words.ts';
import type { TypedWords } from '../../state/backup-words.ts';
import styles from './backup.module.css';
import { t } from '../../language/strings.ts';

interface WordsFieldsProps {
  readonly words: TypedWords;
  /** Why the core has refused them: words that it names by number are marked. */
  readonly refusal: string | null;
  onChange(words: TypedWords): void;
}

export function WordsFields({ words, refusal, onChange }: WordsFieldsProps) {
  const left = wordsLeft(words);
  const list = useRef<HTMLOListElement>(null);
  const named = refusal === null ? [] : namedWords(refusal);
  const lead = (at: number): void => {
    list.current?.querySelector<HTMLInputElement>(`[name="word-${at + 1}"]`)?.focus();
  };
  const type = (at: number, text: string): void => {
    const next = withTyped(words, at, text);
    onChange(next);
    const isMany = next.some((word, index) => index !== at && word !== words[index]);
    const empty = next.indexOf('');
    if (isMany) lead(empty === -1 ? wordCount - 1 : empty);
    else if (endsWord(text) && at + 1 < wordCount) lead(at + 1);
  };
  return (
    <fieldset className={styles.words}>
      <legend>{t('The twelve words of the recovery sheet')}</legend>
      <ol ref={list}>
        {words.map((word, at) => {
          const isWrong = wordProblem(word) !== '' || named.includes(at + 1);
          return (
            <li key={at} data-state={isWrong ? 'wrong' : word === '' ? 'empty' : 'there'}>
              <span aria-hidden>{at + 1}</span>
              <input
                name={`word-${at + 1}`}
                aria-label={t('Word {{number}}', { number: at + 1 })}
                aria-invalid={isWrong || undefined}
                value={word}
                autoComplete="off"
                autoCapitalize="none"
                spellCheck={false}
                onChange={({ target }) => type(at, target.value)}
              />
            </li>
          );
        })}
      </ol>
      <p className={styles.quiet} role="status">
        {left === ''
          ? t('All twelve are there. They are used for this and kept nowhere in this page.')
          : `${left} ${t('All of them can be pasted at once, with or without their numbers.')}`}
      </p>
    </fieldset>
  );
}
