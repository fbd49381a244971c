// A decision: a few ways with what each means, of which one is chosen.
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import styles from './setup.module.css';

export interface Card<T extends string> {
  readonly value: T;
  readonly icon: LucideIcon;
  readonly title: string;
  readonly about: string;
  /** What it takes. */
  readonly needs: ReactNode;
}

interface ChoiceCardsProps<T extends string> {
  /** What is decided, for those who do not see it. */
  readonly label: string;
  readonly cards: readonly Card<T>[];
  readonly value: T | null;
  onChoose(value: T): void;
}

export function ChoiceCards<T extends string>({ label, cards, value, onChoose }: ChoiceCardsProps<T>) {
  return (
    <fieldset className={styles.cards}>
      <legend>{label}</legend>
      {cards.map(({ value: one, icon: Icon, title, about, needs }) => (
        <label key={one} className={styles.card}>
          <input type="radio" name="way" checked={one === value} onChange={() => onChoose(one)} />
          <Icon size={20} strokeWidth={1.75} aria-hidden />
          <span>
            <strong>{title}</strong>
            <span className={styles.about}>{about}</span>
            <span className={styles.needs}>{needs}</span>
          </span>
        </label>
      ))}
    </fieldset>
  );
}
