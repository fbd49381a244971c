// Something to take along: an id, a command, a key, with a button that copies it.
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import styles from './copyable.module.css';
import spoken from './spoken.module.css';
import { t } from '../language/strings.ts';

interface CopyableProps {
  readonly text: string;
  /** What it is, for the button's label: `Copy the command`. */
  readonly what: string;
  /** Shown instead of the text, as for a secret. */
  readonly shown?: string;
  readonly look?: 'inline' | 'command';
}

/** Milliseconds for which the button says that it has copied. */
const thanksMs = 1_500;

type Copying = 'ready' | 'copied' | 'refused';

export function Copyable({ text, what, shown = text, look = 'inline' }: CopyableProps) {
  const [state, setState] = useState<Copying>('ready');
  useEffect(() => {
    if (state === 'ready') return;
    const timer = setTimeout(() => setState('ready'), thanksMs);
    return () => clearTimeout(timer);
  }, [state]);
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    );
  };
  const label = {
    ready: t('Copy {{what}}', { what }),
    copied: t('Copied'),
    refused: t('The browser does not allow it'),
  }[state];
  return (
    <span className={`${styles.copyable} ${look === 'command' ? styles.command : ''}`}>
      <code className={styles.text} title={shown === text ? text : undefined}>
        {look === 'command' ? <Words line={shown} /> : shown}
      </code>
      <button type="button" className={styles.button} onClick={copy} aria-label={label} title={label}>
        {state === 'copied' ? <Check size={14} aria-hidden /> : <Copy size={14} aria-hidden />}
      </button>
      <span role="status" className={spoken.spoken}>
        {state === 'ready' ? '' : label}
      </span>
    </span>
  );
}

/** Its options stay whole: browsers would break a line after their hyphens. */
function Words({ line }: { readonly line: string }) {
  return line.split(/(--\S+)/).map((part, at) =>
    part.startsWith('--') ? (
      <span key={at} className={styles.option}>
        {part}
      </span>
    ) : (
      part
    ),
  );
}

/** A line for the terminal that does the same as the page. */
export function Command({ line }: { readonly line: string }) {
  return <Copyable text={line} what={t('the command')} look="command" />;
}
