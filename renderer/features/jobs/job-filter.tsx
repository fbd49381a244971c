// Narrowing the list of jobs.
import { jobGroups, queryOf } from '../../state/jobs.ts';
import type { JobFilter, JobGroup } from '../../state/jobs.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { replaceRoute } from '../../state/use-route.ts';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { t } from '../../language/strings.ts';

const words: Readonly<Record<JobGroup, string>> = {
  all: t('All'),
  running: t('Running'),
  waiting: t('Waiting'),
  failed: t('Failed'),
  success: t('Success'),
  other: t('Other'),
};

interface JobFilterBarProps {
  readonly route: Route;
  readonly filter: JobFilter;
  readonly counts: Readonly<Record<JobGroup, number>> | null;
}

export function JobFilterBar({ route, filter, counts }: JobFilterBarProps) {
  const isWorthShowing = (group: JobGroup): boolean =>
    group !== 'other' || group === filter.group || (counts !== null && counts.other > 0);
  return (
    <FilterBar
      label={t('Jobs')}
      find={t('Words to look for in jobs')}
      hint={t('Name, project, tag or number')}
      current={filter.group}
      text={filter.text}
      onText={(text) => replaceRoute({ ...route, query: queryOf({ ...filter, text }) })}
      groups={jobGroups.filter(isWorthShowing).map((group) => ({
        name: group,
        words: words[group],
        count: counts?.[group] ?? null,
        href: formatRoute({ page: 'jobs', id: route.id, query: queryOf({ ...filter, group }) }),
      }))}
    />
  );
}
