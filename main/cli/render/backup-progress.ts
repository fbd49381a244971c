// What a run of backups does: one line with a bar that is drawn in place, or a line for each new sentence.
import type { Output } from '../../contract/contract.ts';
import { bytesText } from './stack-plan.ts';
import { clean, cut, paint } from './text.ts';
import type { View } from './text.ts';

export type BackupNow = Output<'backup.watch'>;

const barWidth = 24;

function barOf(bytes: NonNullable<BackupNow['bytes']>): string {
  const share = bytes.total <= 0 ? 0 : Math.min(1, bytes.done / bytes.total);
  const full = Math.floor(share * barWidth);
  return `${'█'.repeat(full)}${'░'.repeat(barWidth - full)} ${Math.floor(share * 100)} %`;
}

function leftText(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s left`;
  const minutes = Math.round(seconds / 60);
  return minutes < 90 ? `${minutes} min left` : `${(minutes / 60).toFixed(1)} h left`;
}

/** The whole picture: the sentence, and how far its step is. */
export function renderBackupProgress(progress: BackupNow, view: View): string {
  const { message, bytes, secondsLeft, outcome, failure } = progress;
  const [sign, tone] =
    outcome === null
      ? (['·', 'busy'] as const)
      : outcome === 'done'
        ? (['✓', 'good'] as const)
        : (['×', 'bad'] as const);
  const head = `${paint(sign, tone, view)} ${cut(clean(message), Math.max(8, view.width - 2))}`;
  const amount =
    bytes === null || outcome !== null || bytes.total <= 0
      ? []
      : [
          [
            `  ${barOf(bytes)}`,
            `${bytesText(bytes.done)} of ${bytesText(bytes.total)}`,
            ...(secondsLeft === null ? [] : [leftText(secondsLeft)]),
          ].join('  '),
        ];
  const next = failure === null ? [] : [`  ${clean(failure.next)}`];
  return [head, ...[...amount, ...next].map((line) => cut(line, view.width))]
    .map((line) => `${line}\n`)
    .join('');
}

/** What is new since before, for an output that is no terminal. */
export function backupLines(before: BackupNow | null, after: BackupNow): readonly string[] {
  const isKnown = before?.run === after.run && before.message === after.message;
  return isKnown || after.message === '' ? [] : [clean(after.message)];
}
