// A state: sign, word and colour together.
import { memo } from 'react';
import type { StateLook } from '../state/tones.ts';
import styles from './badge.module.css';
import { SignIcon } from './sign-icon.tsx';

interface BadgeProps {
  readonly look: StateLook;
  /** Without the tinted ground, for use in running text. */
  readonly quiet?: boolean;
}

export const Badge = memo(function Badge({ look, quiet = false }: BadgeProps) {
  return (
    <span className={`${styles.badge} ${quiet ? styles.quiet : ''}`} data-tone={look.tone}>
      <SignIcon sign={look.sign} />
      {look.word}
    </span>
  );
});
