// What to do now: in words, and the command that does it ready to be copied.
import { nextParts } from '../state/next-step.ts';
import { Command } from './copyable.tsx';
import styles from './next-step.module.css';

export function NextStep({ text }: { readonly text: string }) {
  const { words, command } = nextParts(text);
  return (
    <div className={styles.next}>
      <span>{words}</span>
      {command !== null && <Command line={command} />}
    </div>
  );
}
