// Every backup that is kept, newest first, with one of them open beside the list.
import { ArchiveRestore, CalendarDays, X } from 'lucide-react';
import { useMemo } from 'react';
import { momentOf } from '../../state/backup-calendar.ts';
import { backupFilterOf, backupGroups, backupQueryOf, filterBackups } from '../../state/backups.ts';
import type { Backup, BackupFilter, BackupGroup } from '../../state/backups.ts';
import { dateFormat } from '../../language/locale.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { openBeside, replaceRoute } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { ListArea } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { backupColumns, narrowBackupColumns, rowOf } from './backup-columns.tsx';
import { BackupPanel, MissingBackup } from './backup-panel.tsx';
import styles from './backups.module.css';
import type { BackupsView } from './use-backups.ts';
import { count, t } from '../../language/strings.ts';

const groupWords: Readonly<Record<BackupGroup, string>> = {
  all: t('All'),
  proven: t('Proven'),
  unproven: t('Not proven'),
  damaged: t('Damaged'),
};

const dayName = dateFormat({ dateStyle: 'long' });

interface BarProps {
  readonly route: Route;
  readonly filter: BackupFilter;
  readonly backups: readonly Backup[];
}

function Bar({ route, filter, backups }: BarProps) {
  const { text, day, group: current } = filter;
  const groups = useMemo(
    () =>
      backupGroups.map((group) => ({
        group,
        count: filterBackups(backups, { group, text, day }).length,
      })),
    [backups, text, day],
  );
  return (
    <>
      <FilterBar
        label={t('Backups')}
        find={t('Words to look for in backups')}
        hint={t('Day, place, id or version')}
        current={current}
        text={text}
        onText={(typed) => replaceRoute({ ...route, query: backupQueryOf({ ...filter, text: typed }) })}
        groups={groups.map(({ group, count }) => ({
          ...{ name: group, words: groupWords[group], count },
          href: formatRoute({ page: 'backups', id: route.id, query: backupQueryOf({ group, text, day }) }),
        }))}
      />
      {day !== '' && (
        <p className={styles.ofDay}>
          <CalendarDays size={16} aria-hidden />
          {t('Of {{day}}', { day: dayName.format(momentOf(day)) })}
          <a
            href={formatRoute({
              page: 'backups',
              id: route.id,
              query: backupQueryOf({ ...filter, day: '' }),
            })}
          >
            <X size={14} aria-hidden /> {t('Of every day')}
          </a>
        </p>
      )}
    </>
  );
}

const nothingFits = (
  <EmptyState
    icon={ArchiveRestore}
    title={t('No backup fits this filter')}
    action={<a href={formatRoute({ page: 'backups', query: { tab: 'list' } })}>{t('Show all')}</a>}
  >
    {t('Backups are found by their day, their places, their ids and the versions in them.')}
  </EmptyState>
);

const nothingYet = (
  <EmptyState icon={ArchiveRestore} title={t('No backup yet')} command="autogit backup create">
    {t(
      'The first one is made at the next time of a schedule, or when you ask for it. It takes longest: those behind it send only what is new.',
    )}
  </EmptyState>
);

interface BackupListProps {
  readonly route: Route;
  readonly view: BackupsView;
}

export function BackupList({ route, view: { backups, list, isBusy } }: BackupListProps) {
  const filter = useMemo(() => backupFilterOf(route.query), [route.query]);
  const all = useMemo(() => (backups ?? []).map(rowOf), [backups]);
  const rows = useMemo(() => filterBackups(backups ?? [], filter).map(rowOf), [backups, filter]);
  const { id } = route;
  const open = all.find((row) => row.id === id)?.backup ?? null;
  const note = list.error !== null && (
    <ErrorNote problem={list.error} action={<Button onClick={list.again}>{t('Ask again')}</Button>} />
  );
  if (backups === null)
    return list.error === null ? <Skeleton what={t('the list of backups')} rows={8} /> : note;
  const close = (): void => openBeside(null);
  return (
    <>
      {note}
      <Bar {...{ route, filter, backups }} />
      <ListArea>
        <Table
          label={t('Backups')}
          fresh={(number) => count(number, '{{n}} new backup', '{{n}} new backups')}
          list={`${filter.group} ${filter.text} ${filter.day}`}
          rows={rows}
          all={all}
          columns={backupColumns}
          narrow={narrowBackupColumns}
          openId={id}
          onOpen={(row) => openBeside(row.id)}
          empty={all.length > 0 ? nothingFits : nothingYet}
        />
        {id !== null &&
          (open === null ? (
            <MissingBackup id={id} onClose={close} />
          ) : (
            <BackupPanel key={id} backup={open} isBusy={isBusy} onClose={close} />
          ))}
      </ListArea>
    </>
  );
}
