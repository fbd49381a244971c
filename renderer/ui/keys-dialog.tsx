// What the keyboard can do.
import { Fragment } from 'react';
import { Button } from './button.tsx';
import { Dialog } from './dialog.tsx';
import styles from './keys-dialog.module.css';
import { numberedPages, pageLooks } from './page-looks.ts';
import { t } from '../language/strings.ts';

type Key = readonly [key: string, words: string];

const groups: readonly (readonly [title: string, keys: readonly Key[]])[] = [
  [
    t('Everywhere'),
    [
      [t('Ctrl K or ⌘ K'), t('Go to anything, or do it')],
      ['/', t('Look for words in the list or page that is shown')],
      ['Escape', t('Close what is open beside the list, or a question')],
      ['?', t('This list')],
    ],
  ],
  [
    t('In a list'),
    [
      [t('↓ ↑ or j k'), t('Walk through it')],
      ['Enter', t('Open the row')],
      [t('Home End, Page ↑ ↓'), t('Walk in leaps')],
    ],
  ],
  [
    t('Pages'),
    pageLooks.map(({ word, letter }, index): Key => [
      index < numberedPages ? t('{{digit}} or g {{letter}}', { digit: index + 1, letter }) : `g ${letter}`,
      word,
    ]),
  ],
];

export function KeysDialog({ onClose }: { onClose(): void }) {
  return (
    <Dialog title={t('Keyboard')} onClose={onClose} actions={<Button onClick={onClose}>{t('Close')}</Button>}>
      {/* Where it is longer than the window, the arrows scroll it. */}
      <section className={styles.all} aria-label={t('Keys')} tabIndex={0}>
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
