// Narrowing the list of people.
import { useMemo } from 'react';
import { filterPeople, peopleGroups, peopleQueryOf } from '../../state/people.ts';
import type { PeopleFilter, PeopleGroup, Person } from '../../state/people.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { replaceRoute } from '../../state/use-route.ts';
import { FilterBar } from '../../ui/filter-bar.tsx';
import { t } from '../../language/strings.ts';

const words: Readonly<Record<PeopleGroup, string>> = {
  all: t('All'),
  trouble: t('Not in step'),
  'no-factor': t('No second factor'),
  admins: t('Administrators'),
  disabled: t('Disabled'),
};

interface PeopleFilterBarProps {
  readonly route: Route;
  readonly filter: PeopleFilter;
  /** `null` while nothing is known. */
  readonly users: readonly Person[] | null;
}

export function PeopleFilterBar({ route, filter, users }: PeopleFilterBarProps) {
  const { text } = filter;
  const groups = useMemo(
    () =>
      peopleGroups.map((group) => ({
        group,
        count: users === null ? null : filterPeople(users, { group, text }).length,
      })),
    [users, text],
  );
  return (
    <FilterBar
      label={t('People')}
      find={t('Words to look for in people')}
      hint={t('Name, e-mail or group')}
      current={filter.group}
      text={text}
      onText={(typed) => replaceRoute({ ...route, query: peopleQueryOf({ ...filter, text: typed }) })}
      groups={groups.map(({ group, count }) => ({
        name: group,
        words: words[group],
        count,
        href: formatRoute({ page: 'people', id: route.id, query: peopleQueryOf({ group, text }) }),
      }))}
    />
  );
}
