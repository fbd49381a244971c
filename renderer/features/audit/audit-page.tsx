// Who asked AutoGit to change what, through which door, and what became of it.
import { History } from 'lucide-react';
import { useMemo } from 'react';
import type { CoreClient } from '../../client.ts';
import {
  auditFilterOf,
  auditGroups,
  auditGroupWords,
  auditSentence,
  filterAudit,
  groupOf,
  rowsOf,
} from '../../state/audit.ts';
import type { AuditFilter, AuditRecord, AuditRow } from '../../state/audit.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useRepeat } from '../../state/use-repeat.ts';
import { openBeside, replaceRoute } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { auditColumns, narrowAuditColumns } from './audit-columns.tsx';
import { AuditPanel } from './audit-panel.tsx';
import { count, t } from '../../language/strings.ts';

/** Far more than anybody reads; older ones are told by `autogit audit list --limit`. */
const mostRows = 5_000;
/** Other doors ask, too. Milliseconds. */
const readMs = 30_000;

function askAudit(client: CoreClient): Promise<AuditRecord[]> {
  return client.call('audit.list', { limit: mostRows });
}

function closePanel(): void {
  openBeside(null);
}

const nothingFits = (
  <EmptyState
    icon={History}
    title={t('No request fits this filter')}
    action={<a href={formatRoute({ page: 'audit' })}>{t('Show all')}</a>}
  >
    {t('Requests are found by what they do, what they were about, their door and what became of them.')}
  </EmptyState>
);
const nothingYet = (
  <EmptyState icon={History} title={t('Nobody has asked for anything yet')} command="autogit audit list">
    {t(
      'Whatever changes the lab stands here for a year: who asked, through which door, and what became of it.',
    )}
  </EmptyState>
);

interface BarProps {
  readonly route: Route;
  readonly filter: AuditFilter;
  readonly rows: readonly AuditRow[] | null;
}

function Bar({ route, filter, rows }: BarProps) {
  const countOf = (group: AuditFilter['group']): number | null =>
    rows === null
      ? null
      : group === 'all'
        ? rows.length
        : rows.filter(({ record }) => groupOf(record) === group).length;
  return (
    <FilterBar
      label={t('Requests')}
      find={t('Words to look for in requests')}
      groups={auditGroups.map((name) => ({
        ...{ name, words: auditGroupWords[name], count: countOf(name) },
        href: formatRoute({ page: 'audit', query: { show: name === 'all' ? '' : name, text: filter.text } }),
      }))}
      current={filter.group}
      text={filter.text}
      hint={t('Request, what it was about, outcome')}
      onText={(text) => replaceRoute({ ...route, query: { ...route.query, text } })}
    />
  );
}

export function AuditPage({ route }: { readonly route: Route }) {
  const { value: records, error, again } = useAnswer(askAudit);
  useRepeat(again, readMs);
  useAfterDeeds(again);
  const filter = useMemo(() => auditFilterOf(route.query), [route.query]);
  const all = useMemo(() => (records === null ? null : rowsOf(records)), [records]);
  const rows = useMemo(() => (all === null ? [] : filterAudit(all, filter)), [all, filter]);
  const failed = error === null ? null : t('Who asked for what cannot be told.');
  const open = all?.find(({ id }) => id === route.id) ?? null;
  return (
    <Page
      name={t('Audit')}
      sentence={records === null ? failed : auditSentence(records, records.length === mostRows)}
      isList
    >
      <Bar route={route} filter={filter} rows={all} />
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {(all !== null || error === null) && (
        <ListArea>
          {all === null ? (
            <Skeleton what={t('the requests')} rows={8} />
          ) : (
            <Table
              label={t('Requests')}
              fresh={(number) => count(number, '{{n}} new request', '{{n}} new requests')}
              list={`${filter.group} ${filter.text}`}
              rows={rows}
              all={all}
              columns={auditColumns}
              narrow={narrowAuditColumns}
              openId={route.id}
              onOpen={(row) => openBeside(row.id)}
              empty={all.length === 0 ? nothingYet : nothingFits}
            />
          )}
          {route.id !== null && all !== null && <AuditPanel row={open} onClose={closePanel} />}
        </ListArea>
      )}
    </Page>
  );
}
