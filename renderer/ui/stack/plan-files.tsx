// The files that a plan writes, each with its difference folded away.
import { diffWords, fileChangeLooks, parseDiff } from '../../state/stack-plan.ts';
import type { PlanFile } from '../../state/stack-plan.ts';
import { count, t } from '../../language/strings.ts';
import { Badge } from '../badge.tsx';
import { Copyable } from '../copyable.tsx';
import { DiffView } from './diff-view.tsx';
import { Fold } from './fold.tsx';
import styles from './plan.module.css';

function FileRow({ file: { path, change, diff } }: { readonly file: PlanFile }) {
  return (
    <li>
      <Fold
        isPlain
        title={
          <>
            <Badge look={fileChangeLooks[change]} />
            <code>{path}</code>
          </>
        }
        about={diffWords(parseDiff(diff))}
      >
        {diff === '' ? (
          <p className={styles.quiet}>{t('Nothing of it can be shown.')}</p>
        ) : (
          <DiffView diff={diff} label={t('Difference of {{path}}', { path })} />
        )}
      </Fold>
    </li>
  );
}

interface PlanFilesProps {
  readonly files: readonly PlanFile[];
  readonly folder: string;
}

export function PlanFiles({ files, folder }: PlanFilesProps) {
  const changed = files.filter(({ change, byHand }) => change !== 'same' && !byHand);
  const same = files.filter(({ change, byHand }) => change === 'same' && !byHand).length;
  if (changed.length === 0) return null;
  const about = [
    count(changed.length, '{{n}} file written', '{{n}} files written'),
    ...(same === 0 ? [] : [count(same, '{{n}} other stays as it is', '{{n}} others stay as they are')]),
  ];
  return (
    <Fold title={t('Files')} heading="h3" about={about.join(', ')} isOpen={changed.length <= 3}>
      <Copyable text={folder} what={t('the folder')} />
      <ul className={styles.files}>
        {changed.map((file) => (
          <FileRow key={file.path} file={file} />
        ))}
      </ul>
    </Fold>
  );
}
