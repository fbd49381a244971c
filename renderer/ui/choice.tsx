// One of a few: buttons side by side, of which the present one is pressed.
import type { ReactNode } from 'react';
import styles from './choice.module.css';

interface ChoiceProps<T extends string> {
  /** What is chosen, for those who do not see it. */
  readonly label: string;
  readonly options: readonly { readonly value: T; readonly words: ReactNode; readonly title?: string }[];
  readonly value: T;
  onChoose(value: T): void;
}

export function Choice<T extends string>({ label, options, value, onChoose }: ChoiceProps<T>) {
  return (
    <div className={styles.choice} role="group" aria-label={label}>
      {options.map(({ value: option, words, title }) => (
        <button
          key={option}
          type="button"
          aria-pressed={option === value}
          title={title}
          onClick={() => {
            if (option !== value) onChoose(option);
          }}
        >
          {words}
        </button>
      ))}
    </div>
  );
}
