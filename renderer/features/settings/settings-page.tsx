// Every setting of the home: what it is, what it does, and changing it; and how this browser shows the page.
import { Search } from 'lucide-react';
import { useMemo } from 'react';
import type { CoreClient } from '../../client.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import {
  filterSettings,
  groupWords,
  hasWords,
  isShown,
  settingFilterOf,
  settingsSentence,
} from '../../state/settings.ts';
import type { Setting, SettingFilter, Settings } from '../../state/settings.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { replaceRoute } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { FilterBar } from '../../ui/filter-bar.tsx';
import type { FilterGroup } from '../../ui/filter-bar.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { Page } from '../../ui/page.tsx';
import { LookSettings, lookText } from './look-settings.tsx';
import { SettingRow } from './setting-row.tsx';
import styles from './settings.module.css';
import { t } from '../../language/strings.ts';

function askSettings(client: CoreClient): Promise<Settings> {
  return client.call('settings.describe', {});
}

/** Where what a group is about is seen and done. */
const places: Readonly<Record<string, readonly [page: Route['page'], words: string]>> = {
  gitlab: ['stack', t('Stack')],
  engine: ['engines', t('Engines')],
  pools: ['pools', t('Pools')],
  gpus: ['hardware', t('Hardware')],
  emulation: ['hardware', t('Hardware')],
  backups: ['backups', t('Backups')],
  notices: ['notifications', t('Notifications')],
};

function groupsOf(settings: Settings | null, filter: SettingFilter): readonly FilterGroup[] {
  const shown = settings?.settings.filter(isShown) ?? null;
  const href = (show: string): string =>
    formatRoute({ page: 'settings', query: { show, text: filter.text } });
  return [
    { name: 'all', words: t('All'), count: shown?.length ?? null, href: href('') },
    {
      ...{ name: 'changed', words: t('Changed'), href: href('changed') },
      count: settings?.settings.filter(({ isDefault }) => !isDefault).length ?? null,
    },
  ];
}

/** What is wrong with the file, each with its line. */
function FileNotes({ settings }: { readonly settings: Settings }) {
  const { issue, problems, file } = settings;
  return (
    <>
      <p className={styles.file}>
        <Copyable text={file} what={t('the path of the file')} />
      </p>
      {issue !== null && (
        <ErrorNote
          problem={{
            ...issue,
            message:
              problems.length === 0
                ? issue.message
                : t('The file cannot be used, so the defaults are in force:'),
          }}
        />
      )}
      {problems.length > 0 && (
        <ul className={styles.problems} aria-label={t('Problems of the file')}>
          {problems.map(({ message }) => (
            <li key={message}>{message}</li>
          ))}
        </ul>
      )}
    </>
  );
}

interface GroupProps {
  readonly name: string;
  readonly about: string;
  readonly rows: readonly Setting[];
  readonly seen: string;
  /** Why nothing can be changed; `null`: it can. */
  readonly blockedBy: string | null;
  readonly openPath: string | null;
}

function Group({ name, about, rows, seen, blockedBy, openPath }: GroupProps) {
  const place = places[name];
  return (
    <section className={styles.group} aria-label={groupWords[name] ?? name}>
      <header className={styles.groupHead}>
        <div>
          <h2>{groupWords[name] ?? name}</h2>
          <p className={styles.quiet}>{about}</p>
        </div>
        {place !== undefined && (
          <a href={formatRoute({ page: place[0] })}>{t('Open {{place}}', { place: place[1] })}</a>
        )}
      </header>
      <ul className={styles.rows}>
        {rows.map((setting) => (
          <SettingRow
            key={`${setting.path} ${String(setting.isDefault)}`}
            setting={setting}
            seen={seen}
            blockedBy={blockedBy}
            isOpen={setting.path === openPath}
            place={place ?? null}
          />
        ))}
      </ul>
    </section>
  );
}

interface ListProps {
  readonly settings: Settings;
  readonly filter: SettingFilter;
  readonly openPath: string | null;
}

function List({ settings, filter, openPath }: ListProps) {
  const rows = useMemo(() => filterSettings(settings.settings, filter), [settings, filter]);
  const byGroup = useMemo(() => Map.groupBy(rows, ({ group }) => group), [rows]);
  const blockedBy = settings.issue === null ? null : t('Mend the settings file first');
  return settings.groups.map(({ path, description }) => {
    const own = byGroup.get(path) ?? [];
    return (
      own.length > 0 && (
        <Group
          key={path}
          name={path}
          about={description}
          rows={own}
          seen={settings.seen}
          {...{ blockedBy, openPath }}
        />
      )
    );
  });
}

export function SettingsPage({ route }: { readonly route: Route }) {
  const { value: settings, error, again } = useAnswer(askSettings);
  useAfterDeeds(again);
  const filter = useMemo(() => settingFilterOf(route.query), [route.query]);
  const isLookShown = filter.group === 'all' && (filter.text === '' || hasWords(lookText, filter.text));
  const fits = settings !== null && filterSettings(settings.settings, filter).length > 0;
  const failed = error === null ? null : t('The settings cannot be read.');
  return (
    <Page name={t('Settings')} sentence={settings === null ? failed : settingsSentence(settings)}>
      <FilterBar
        label={t('Settings')}
        find={t('Words to look for in settings')}
        groups={groupsOf(settings, filter)}
        current={filter.group}
        text={filter.text}
        hint={t('Name, what it does, value')}
        onText={(text) =>
          replaceRoute({ page: 'settings', query: { show: route.query['show'] ?? '', text } })
        }
      />
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {settings !== null && <FileNotes settings={settings} />}
      <div className={styles.page}>
        {isLookShown && <LookSettings />}
        {settings === null && error === null && <Skeleton what={t('the settings')} rows={8} />}
        {settings !== null && <List settings={settings} filter={filter} openPath={route.id} />}
        {settings !== null && !fits && !isLookShown && (
          <EmptyState
            icon={Search}
            title={t('No setting fits')}
            action={<a href={formatRoute({ page: 'settings' })}>{t('Show all')}</a>}
          >
            {t('Settings are found by their names, what they do and their values.')}
          </EmptyState>
        )}
      </div>
    </Page>
  );
}
