// Buttons: one primary per screen, the grave ones named by their effect.
import type { LucideIcon } from 'lucide-react';
import type { ButtonHTMLAttributes } from 'react';
import styles from './button.module.css';

interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'type'> {
  readonly look?: 'primary' | 'plain' | 'grave' | 'bare';
  readonly icon?: LucideIcon;
  readonly type?: 'button' | 'submit';
  /** Why it cannot be used now; it stays reachable, so that the reason can be read. */
  readonly blockedBy?: string | null;
}

export function Button({
  look = 'plain',
  icon: Icon,
  type = 'button',
  blockedBy = null,
  onClick,
  children,
  ...rest
}: ButtonProps) {
  const isBlocked = blockedBy !== null;
  return (
    <button
      {...rest}
      type={type}
      className={`${styles.button} ${styles[look]}`}
      aria-disabled={isBlocked || undefined}
      title={blockedBy ?? rest.title}
      onClick={isBlocked ? (event) => event.preventDefault() : onClick}
    >
      {Icon !== undefined && <Icon size={16} aria-hidden />}
      {children}
    </button>
  );
}

interface IconButtonProps extends Omit<
  ButtonHTMLAttributes<HTMLButtonElement>,
  'className' | 'type' | 'children'
> {
  readonly icon: LucideIcon;
  /** What it does, for the tooltip and for those who do not see the icon. */
  readonly label: string;
}

export function IconButton({ icon: Icon, label, ...rest }: IconButtonProps) {
  return (
    <button
      {...rest}
      type="button"
      className={`${styles.button} ${styles.icon}`}
      aria-label={label}
      title={label}
    >
      <Icon size={16} aria-hidden />
    </button>
  );
}
