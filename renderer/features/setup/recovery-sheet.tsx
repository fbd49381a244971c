// The sheet that somebody keeps for a bad day: printed or saved here, and sent nowhere.
import { Copy, Download, Printer } from 'lucide-react';
import { useState } from 'react';
import { recoverySheet } from '../../state/setup-sheet.ts';
import type { Possessions } from '../../state/setup-sheet.ts';
import { useLab } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Section } from '../../ui/page.tsx';
import styles from './setup.module.css';

/** Made of the page's own text; the desktop's window saves nothing, and prints to a file instead. */
function save(text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = 'autogit-recovery-sheet.txt';
  link.click();
  URL.revokeObjectURL(url);
}

interface RecoverySheetProps {
  readonly have: Possessions;
  /** Puts the first passwords on it; `null`: there are none. */
  readonly show: (() => void) | null;
}

export function RecoverySheet({ have, show }: RecoverySheetProps) {
  const { session } = useLab();
  const [copied, setCopied] = useState('');
  const [at] = useState(() => new Date().toLocaleString());
  const text = recoverySheet(have, at);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setCopied('Copied.'),
      () => setCopied('The browser does not allow it.'),
    );
  };
  return (
    <Section title="Recovery sheet">
      <p className={styles.quiet}>
        What is where, and how to get back in. It stays on this machine: print it, or keep it somewhere else.
        {show !== null &&
          (have.secrets.length === 0
            ? ' No password is on it until you show the first passwords above.'
            : ' The first passwords are on it.')}
      </p>
      <pre className={styles.sheet} tabIndex={0} aria-label="Recovery sheet">
        {text}
      </pre>
      <div className={styles.ways}>
        <Button icon={Printer} onClick={() => window.print()}>
          {session === null ? 'Print, or save as PDF' : 'Print'}
        </Button>
        {session !== null && (
          <Button icon={Download} onClick={() => save(text)}>
            Save as a file
          </Button>
        )}
        <Button icon={Copy} onClick={copy}>
          Copy it
        </Button>
        <span role="status" className={styles.quiet}>
          {copied}
        </span>
      </div>
    </Section>
  );
}
