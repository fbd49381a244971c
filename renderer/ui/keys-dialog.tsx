// What the keyboard can do.
import { Fragment } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import styles from './keys-dialog.module.css';
import { numberedPages, pageLooks } from './page-looks.ts';

type Key = readonly [key: string, words: string];

const groups: readonly (readonly [title: string, keys: readonly Key[]])[] = [
  [
    'Everywhere',
    [
      ['Ctrl K or ⌘ K', 'Go to anything, or do it'],
      ['/', 'Look for words in the list or page that is shown'],
      ['Escape', 'Close what is open beside the list, or a question'],
      ['?', 'This list'],
    ],
  ],
  [
    'In a list',
    [
      ['↓ ↑ or j k', 'Walk through it'],
      ['Enter', 'Open the row'],
      ['Home End, Page ↑ ↓', 'Walk in leaps'],
    ],
  ],
  [
    'Pages',
    pageLooks.map(({ word, letter }, index): Key => [
      index < numberedPages ? `${String(index + 1)} or g ${letter}` : `g ${letter}`,
      word,
    ]),
  ],
];

export function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title="Keyboard" onClose={onClose} actions={<Button onClick={onClose}>Close</Button>}>
      {/* Where it is longer than the window, the arrows scroll it. */}
      <section className={styles.all} aria-label="Keys" tabIndex={0}>
        {groups.map(([title, keys]) => (
          <Fragment key={title}>
            <h3 className={styles.title}>{title}</h3>
            <dl className={styles.keys}>
              {keys.map(([key, words]) => (
                <div key={key}>
                  <dt>
                    <kbd>{key}</kbd>
                  </dt>
                  <dd>{words}</dd>
                </div>
              ))}
            </dl>
          </Fragment>
        ))}
      </section>
    </Dialog>
  );
}
