// The difference between two versions of a file: what comes and goes by sign, colour and number of the line.
import { useMemo, useState } from 'react';
import { parseDiff } from '../../state/stack-plan.ts';
import type { DiffLine } from '../../state/stack-plan.ts';
import { count, t } from '../../language/strings.ts';
import { Button } from '../button.tsx';
import { Spoken } from '../spoken.tsx';
import styles from './diff-view.module.css';

/** More lines than this are drawn on demand. */
const firstLines = 200;

const signs: Readonly<Record<DiffLine['kind'], string>> = {
  hunk: '',
  added: '+',
  removed: '\u2212',
  same: '',
};
const spoken: Readonly<Record<DiffLine['kind'], string>> = {
  ...{ hunk: '', added: t('added:'), removed: t('removed:'), same: '' },
};

function Line({ line: { kind, before, after, text } }: { readonly line: DiffLine }) {
  return (
    <tr data-kind={kind}>
      <td className={styles.number} aria-hidden>
        {before}
      </td>
      <td className={styles.number} aria-hidden>
        {after}
      </td>
      <td className={styles.sign} aria-hidden>
        {signs[kind]}
      </td>
      <td className={styles.text}>
        {spoken[kind] !== '' && <Spoken>{spoken[kind]} </Spoken>}
        {text}
      </td>
    </tr>
  );
}

export function DiffView({ diff, label }: { readonly diff: string; readonly label: string }) {
  const lines = useMemo(() => parseDiff(diff), [diff]);
  const [isWhole, setWhole] = useState(false);
  const shown = isWhole ? lines : lines.slice(0, firstLines);
  const left = lines.length - shown.length;
  return (
    <>
      <div className={styles.diff} role="region" aria-label={label} tabIndex={0}>
        <table>
          <tbody>
            {shown.map((line, at) => (
              <Line key={at} line={line} />
            ))}
          </tbody>
        </table>
      </div>
      {left > 0 && (
        <div>
          <Button onClick={() => setWhole(true)}>
            {count(left, 'Show {{n}} more line', 'Show {{n}} more lines')}
          </Button>
        </div>
      )}
    </>
  );
}
