// On or off, at once visible from afar.
import { Switch } from '@base-ui/react/switch';
import styles from './settings.module.css';
import { t } from '../../language/strings.ts';

interface SwitchControlProps {
  readonly label: string;
  /** The id of the words that say what it does. */
  readonly describedBy: string;
  readonly isOn: boolean;
  readonly isDisabled?: boolean;
  onChange(isOn: boolean): void;
}

/** Shows what is so: whoever turns it is asked first where it has consequences. */
export function SwitchControl({
  label,
  describedBy,
  isOn,
  isDisabled = false,
  onChange,
}: SwitchControlProps) {
  return (
    <span className={styles.switched}>
      <Switch.Root
        aria-label={label}
        aria-describedby={describedBy}
        className={styles.switch}
        checked={isOn}
        disabled={isDisabled}
        onCheckedChange={onChange}
      >
        <Switch.Thumb className={styles.thumb} />
      </Switch.Root>
      <span aria-hidden>{isOn ? t('On') : t('Off')}</span>
    </span>
  );
}
