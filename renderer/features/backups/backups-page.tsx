// Backups: how it stands with them, every one of them, when they are made, and the sheet without which none can be restored.
import { DatabaseBackup, Plus } from 'lucide-react';
import { useCallback, useState } from 'react';
import { backupTabOf } from '../../state/backups.ts';
import type { BackupTab } from '../../state/backups.ts';
import { backupNowDeed } from '../../state/backup-deeds.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { useLab } from '../../state/use-live.ts';
import { goTo } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page } from '../../ui/page.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { BackupList } from './backup-list.tsx';
import { FirstTarget } from './first-target.tsx';
import { NowTab } from './now-tab.tsx';
import { RestoreView } from './restore-view.tsx';
import { Rules } from './rules.tsx';
import { SheetTab } from './sheet-tab.tsx';
import { TargetDialog } from './target-dialog.tsx';
import { useBackups } from './use-backups.ts';
import type { BackupsView } from './use-backups.ts';
import { t } from '../../language/strings.ts';

const tabWords: readonly (readonly [BackupTab, string])[] = [
  ['now', t('Now')],
  ['list', t('All backups')],
  ['schedules', t('Schedules')],
  ['sheet', t('Recovery sheet')],
];

const tabs = tabWords.map(([name, words]) => ({
  ...{ name, words },
  href: formatRoute({ page: 'backups', query: name === 'now' ? {} : { tab: name } }),
}));

interface ActionsProps {
  readonly view: BackupsView;
  onAdd(): void;
}

function Actions({ view, onAdd }: ActionsProps) {
  const { deeds } = useLab();
  const { value } = view.shown;
  if (value === null) return null;
  if (value.targets.length === 0)
    return (
      <Button look="primary" icon={Plus} onClick={onAdd}>
        {t('Add a target')}
      </Button>
    );
  return (
    <Button
      look="primary"
      icon={DatabaseBackup}
      blockedBy={view.isBusy ? t('A run goes on; one at a time') : null}
      onClick={() => deeds.ask(backupNowDeed(value.order))}
    >
      {t('Back up now')}
    </Button>
  );
}

interface ContentProps {
  readonly route: Route;
  readonly tab: BackupTab;
  readonly view: BackupsView;
  onAdd(): void;
}

function Content({ route, tab, view, onAdd }: ContentProps) {
  const { value } = view.shown;
  if (value === null) return view.shown.error === null ? <Skeleton what={t('backups')} rows={8} /> : null;
  // Without a target there is nothing to look at; a schedule can be set before.
  if (value.targets.length === 0 && (view.backups?.length ?? 0) === 0 && tab !== 'schedules')
    return <FirstTarget shown={value} onAdd={onAdd} />;
  switch (tab) {
    case 'now':
      return <NowTab shown={value} view={view} onAdd={onAdd} />;
    case 'list':
      return <BackupList route={route} view={view} />;
    case 'schedules':
      return <Rules shown={value} />;
    case 'sheet':
      return <SheetTab onKept={view.again} />;
  }
}

export function BackupsPage({ route }: { readonly route: Route }) {
  const view = useBackups();
  const [isAdding, setAdding] = useState(false);
  const closeAdd = useCallback(() => setAdding(false), []);
  const { value, error } = view.shown;
  const { again } = view;
  const isKept = value === null || value.sheetKeptAt !== null;
  const added = useCallback(() => {
    closeAdd();
    again();
    // Losing the words loses every backup: they are shown before anything else.
    if (!isKept) goTo({ page: 'backups', query: { tab: 'sheet' } });
  }, [closeAdd, again, isKept]);
  if (route.id !== null && route.query['do'] === 'restore')
    return <RestoreView key={route.id} id={route.id} view={view} />;
  const tab = route.id === null ? backupTabOf(route.query) : 'list';
  const hasTargets = (value?.targets.length ?? 0) > 0;
  const failed = value === null && error !== null ? t('How it stands with backups cannot be told.') : null;
  return (
    <Page
      name={t('Backups')}
      sentence={value?.sentence ?? failed}
      isList={tab === 'list' && (hasTargets || (view.backups?.length ?? 0) > 0)}
      actions={<Actions view={view} onAdd={() => setAdding(true)} />}
    >
      {isAdding && value !== null && (
        <TargetDialog taken={value.targets.map(({ name }) => name)} onAdded={added} onClose={closeAdd} />
      )}
      {value !== null && <Tabs label={t('Parts of this page')} tabs={tabs} current={tab} />}
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={view.again}>{t('Ask again')}</Button>} />
      )}
      <Content {...{ route, tab, view }} onAdd={() => setAdding(true)} />
    </Page>
  );
}
