// The queue and what became of it: every job that waits, runs, or ended lately.
import { ListChecks, RefreshCw } from 'lucide-react';
import { useMemo } from 'react';
import type { JobView } from '../../../main/contract/snapshot.ts';
import { countGroups, filterJobs, filterOf, sortJobs } from '../../state/jobs.ts';
import { refreshQueue } from '../../state/deeds.ts';
import { jobsSentence } from '../../state/sentences.ts';
import type { Route } from '../../state/route.ts';
import { formatRoute } from '../../state/route.ts';
import { openBeside, replaceRoute } from '../../state/use-route.ts';
import { useLab, useSnapshot } from '../../state/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { jobColumns, narrowJobColumns } from './job-columns.tsx';
import { JobFilterBar } from './job-filter.tsx';
import { JobPanel } from './job-panel.tsx';
import { count, t } from '../../language/strings.ts';

const none: readonly JobView[] = [];

function NoJobs({ isFiltered }: { readonly isFiltered: boolean }) {
  if (isFiltered) {
    return (
      <EmptyState
        icon={ListChecks}
        title={t('No job fits this filter')}
        action={<a href={formatRoute({ page: 'jobs' })}>{t('Show all jobs')}</a>}
      >
        {t('Jobs are found by their name, project, branch, tags, number and runner.')}
      </EmptyState>
    );
  }
  return (
    <EmptyState
      icon={ListChecks}
      title={t('No jobs yet')}
      command="autogit sandbox seed --jobs 20"
      action={<a href={formatRoute({ page: 'overview' })}>{t('Go to the overview to try it')}</a>}
    >
      {t(
        'Every job that waits in GitLab stands here as soon as AutoGit has seen it, with its log once it runs.',
      )}
    </EmptyState>
  );
}

export function JobsPage({ route }: { readonly route: Route }) {
  const { deeds } = useLab();
  const jobs = useSnapshot((snapshot) => snapshot.jobs);
  const filter = useMemo(() => filterOf(route.query), [route.query]);
  const rows = useMemo(() => sortJobs(filterJobs(jobs ?? none, filter)), [jobs, filter]);
  const counts = useMemo(
    () => (jobs === null ? null : countGroups(filterJobs(jobs, { ...filter, group: 'all' }))),
    [jobs, filter],
  );
  const sentence = useMemo(() => (jobs === null ? null : jobsSentence(jobs)), [jobs]);
  const openId = route.id === null ? null : Number(route.id);
  const isFiltered = filter.group !== 'all' || filter.text !== '';
  return (
    <Page
      name={t('Jobs')}
      sentence={sentence}
      isList
      actions={
        <Button icon={RefreshCw} onClick={() => deeds.ask(refreshQueue)}>
          {t('Read the queue now')}
        </Button>
      }
    >
      <JobFilterBar route={route} filter={filter} counts={counts} />
      <ListArea>
        {jobs === null ? (
          <Skeleton what="jobs" rows={10} />
        ) : (
          <Table
            label={t('Jobs')}
            fresh={(number) => count(number, '{{n}} new job', '{{n}} new jobs')}
            list={`${filter.group} ${filter.text}`}
            rows={rows}
            all={jobs}
            columns={jobColumns}
            narrow={narrowJobColumns}
            openId={openId}
            onOpen={(job) => openBeside(String(job.id))}
            empty={<NoJobs isFiltered={isFiltered && jobs.length > 0} />}
          />
        )}
        {openId !== null && (
          <JobPanel
            key={openId}
            id={openId}
            lines={route.query.line}
            onLines={(line) => replaceRoute({ ...route, query: { ...route.query, line } })}
            onClose={closePanel}
          />
        )}
      </ListArea>
    </Page>
  );
}

function closePanel(): void {
  openBeside(null);
}
