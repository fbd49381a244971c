// What the page knows of backups, asked anew whenever the core tells that something of it is another.
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Output } from '../../../main/contract/contract.ts';
import type { CoreClient } from '../../client.ts';
import { backupsOf } from '../../state/backups.ts';
import type { Backup, BackupsShown } from '../../state/backups.ts';
import { useAnswer } from '../../state/use-answer.ts';
import type { Asked } from '../../state/use-answer.ts';
import { isGoing, useBackupRun } from '../../state/use-backup-run.ts';
import type { FollowedBackup } from '../../state/use-backup-run.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useSnapshot } from '../../state/use-live.ts';
import { useRepeat } from '../../state/use-repeat.ts';

/** Free space and what a disk does are told by nobody. Milliseconds. */
const readMs = 60_000;

function askShown(client: CoreClient): Promise<BackupsShown> {
  return client.call('backup.show', {});
}

function askList(client: CoreClient): Promise<Output<'backup.list'>> {
  return client.call('backup.list', {});
}

export interface BackupsView {
  readonly shown: Asked<BackupsShown>;
  readonly list: Asked<Output<'backup.list'>>;
  /** `null` before the first answer. */
  readonly backups: readonly Backup[] | null;
  readonly followed: FollowedBackup;
  readonly isBusy: boolean;
  /** The run that was seen going has its place on the page until somebody leaves, or takes it away. */
  readonly isRunShown: boolean;
  dismissRun(): void;
  again(): void;
}

/** The run that goes on, and how the one ended that was seen from here. */
function useFollowed(shown: BackupsShown | null) {
  const running = useSnapshot(({ backups }) => backups?.running?.verb ?? null);
  const last = shown?.progress ?? null;
  const followed = useBackupRun(true, null, `${running ?? ''} ${last?.run ?? ''}`);
  const isBusy = isGoing(followed);
  const run = followed.progress?.run ?? null;
  const [seen, setSeen] = useState<number | null>(null);
  if (isBusy && seen !== run) setSeen(run);
  return { followed, isBusy, isRunShown: run !== null && seen === run, dismissRun: () => setSeen(null) };
}

export function useBackups(): BackupsView {
  const shown = useAnswer(askShown);
  const list = useAnswer(askList);
  const { again: askAgain } = shown;
  const { again: listAgain } = list;
  const version = useSnapshot(({ backups }) => backups?.version ?? 0);
  const again = useMemo(
    () => () => {
      askAgain();
      listAgain();
    },
    [askAgain, listAgain],
  );
  const seen = useRef(version);
  useEffect(() => {
    if (version === null || version === seen.current) return;
    const isFirst = seen.current === null;
    seen.current = version;
    if (!isFirst) again();
  }, [version, again]);
  useAfterDeeds(again);
  useRepeat(askAgain, readMs);
  const ended = useFollowed(shown.value);
  const wasBusy = useRef(false);
  useEffect(() => {
    // The run has ended: what is kept now is another.
    if (wasBusy.current && !ended.isBusy) again();
    wasBusy.current = ended.isBusy;
  }, [ended.isBusy, again]);
  const records = list.value?.backups ?? null;
  const backups = useMemo(() => (records === null ? null : backupsOf(records)), [records]);
  return { shown, list, backups, ...ended, again };
}
