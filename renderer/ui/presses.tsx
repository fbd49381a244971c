// Below a field: what is often put in, to be pressed instead of typed.
import styles from './presses.module.css';

interface PressesProps {
  /** What they are, for those who do not see them. */
  readonly label: string;
  readonly options: readonly { readonly value: string; readonly title?: string }[];
  /** Those that the field holds now. */
  readonly pressed: readonly string[];
  onPress(value: string): void;
}

export function Presses({ label, options, pressed, onPress }: PressesProps) {
  return (
    <div className={styles.presses} role="group" aria-label={label}>
      {options.map(({ value, title }) => (
        <button
          key={value}
          type="button"
          title={title}
          aria-pressed={pressed.includes(value)}
          onClick={() => onPress(value)}
        >
          {value}
        </button>
      ))}
    </div>
  );
}
