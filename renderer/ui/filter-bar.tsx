// Narrowing a list: a group and words, both kept in the address; `/` leads to the words.
import { Search } from 'lucide-react';
import { useCallback, useRef } from 'react';
import styles from './filter-bar.module.css';
import { useKeys } from './use-keys.ts';
import { numeral } from '../language/locale.ts';
import { t } from '../language/strings.ts';

export interface FilterGroup {
  readonly name: string;
  readonly words: string;
  /** How many rows it would show; `null` while nothing is known. */
  readonly count: number | null;
  readonly href: string;
}

interface FilterBarProps {
  /** What is listed, for those who do not see it: `Jobs`. */
  readonly label: string;
  /** The same for the field of words: `Words to look for in jobs`. */
  readonly find: string;
  readonly groups: readonly FilterGroup[];
  readonly current: string;
  readonly text: string;
  /** What the words are looked for in. */
  readonly hint: string;
  onText(text: string): void;
}

export function FilterBar({ label, find, groups, current, text, hint, onText }: FilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const press = useCallback((key: string): boolean => {
    if (key !== '/') return false;
    input.current?.focus();
    input.current?.select();
    return true;
  }, []);
  useKeys(press);
  return (
    <div className={styles.filter} role="search" aria-label={label}>
      <nav className={styles.groups} aria-label={t('State')}>
        {groups.map(({ name, words, count, href }) => (
          <a key={name} className={styles.group} href={href} aria-current={name === current}>
            {words}
            <span className={styles.number}>{count === null ? '' : numeral(count)}</span>
          </a>
        ))}
      </nav>
      <label className={styles.search}>
        <Search size={16} aria-hidden />
        <input
          ref={input}
          type="search"
          value={text}
          placeholder={hint}
          aria-label={find}
          spellCheck={false}
          onChange={(event) => onText(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            onText('');
            event.currentTarget.blur();
          }}
        />
        <kbd aria-hidden>/</kbd>
      </label>
    </div>
  );
}
