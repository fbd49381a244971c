// A switch: on or off at once, with its name and what it does.
import { useId } from 'react';
import type { ReactNode } from 'react';
import styles from './switch.module.css';

interface SwitchProps {
  readonly label: string;
  readonly help?: ReactNode;
  readonly isOn: boolean;
  /** Is being changed: it stays where it is until that is done, and keeps the focus. */
  readonly isBusy?: boolean;
  onTurn(isOn: boolean): void;
}

export function Switch({ label, help, isOn, isBusy = false, onTurn }: SwitchProps) {
  const id = useId();
  const about = `${id}-about`;
  return (
    <div className={styles.row}>
      <input
        id={id}
        type="checkbox"
        role="switch"
        className={styles.switch}
        aria-describedby={help === undefined ? undefined : about}
        checked={isOn}
        aria-disabled={isBusy || undefined}
        onChange={({ target }) => {
          if (!isBusy) onTurn(target.checked);
        }}
      />
      <div className={styles.words}>
        <label htmlFor={id}>{label}</label>
        {help !== undefined && (
          <span id={about} className={styles.help}>
            {help}
          </span>
        )}
      </div>
    </div>
  );
}
