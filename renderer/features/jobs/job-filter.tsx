// Narrowing the list of jobs: a group and words, both kept in the address.
import { Search } from 'lucide-react';
import { useCallback, useRef } from 'react';
import { jobGroups, queryOf } from '../../state/jobs.ts';
import type { JobFilter, JobGroup } from '../../state/jobs.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { replaceRoute } from '../../state/use-route.ts';
import { useKeys } from '../../ui/use-keys.ts';
import styles from './jobs.module.css';

const words: Readonly<Record<JobGroup, string>> = {
  all: 'All',
  running: 'Running',
  waiting: 'Waiting',
  failed: 'Failed',
  success: 'Success',
  other: 'Other',
};

interface JobFilterBarProps {
  readonly route: Route;
  readonly filter: JobFilter;
  readonly counts: Readonly<Record<JobGroup, number>> | null;
}

export function JobFilterBar({ route, filter, counts }: JobFilterBarProps) {
  const input = useRef<HTMLInputElement>(null);
  const press = useCallback((key: string): boolean => {
    if (key !== '/') return false;
    input.current?.focus();
    input.current?.select();
    return true;
  }, []);
  useKeys(press);
  const isWorthShowing = (group: JobGroup): boolean =>
    group !== 'other' || group === filter.group || (counts !== null && counts.other > 0);
  const search = (text: string): void => replaceRoute({ ...route, query: queryOf({ ...filter, text }) });
  return (
    <div className={styles.filter} role="search" aria-label="Jobs">
      <nav className={styles.groups} aria-label="State">
        {jobGroups.filter(isWorthShowing).map((group) => (
          <a
            key={group}
            className={styles.group}
            href={formatRoute({ page: 'jobs', id: route.id, query: queryOf({ ...filter, group }) })}
            aria-current={group === filter.group}
          >
            {words[group]}
            <span className={styles.number}>{counts === null ? '' : counts[group].toLocaleString('en')}</span>
          </a>
        ))}
      </nav>
      <label className={styles.search}>
        <Search size={16} aria-hidden />
        <input
          ref={input}
          type="search"
          value={filter.text}
          placeholder="Name, project, tag or number"
          aria-label="Words to look for in jobs"
          spellCheck={false}
          onChange={(event) => search(event.target.value)}
          onKeyDown={(event) => {
            if (event.key !== 'Escape') return;
            event.preventDefault();
            search('');
            event.currentTarget.blur();
          }}
        />
        <kbd aria-hidden>/</kbd>
      </label>
    </div>
  );
}
