// The people of the lab: one person, one place, for Authelia and GitLab alike; and how signing in works for them.
import { RefreshCw, UserPlus, Users } from 'lucide-react';
import { useCallback, useMemo, useState } from 'react';
import type { CoreClient } from '../../client.ts';
import { differing, filterPeople, groupsOf, peopleFilterOf, readOnlyReason } from '../../state/people.ts';
import type { People, Person } from '../../state/people.ts';
import { syncPeopleDeed } from '../../state/people-deeds.ts';
import { formatRoute } from '../../state/route.ts';
import type { Route } from '../../state/route.ts';
import { useAnswer } from '../../state/use-answer.ts';
import { useAfterDeeds } from '../../state/use-deed.ts';
import { useLab } from '../../state/use-live.ts';
import { useRepeat } from '../../state/use-repeat.ts';
import { openBeside } from '../../state/use-route.ts';
import { Button } from '../../ui/button.tsx';
import { EmptyState, ErrorNote, Skeleton } from '../../ui/notes.tsx';
import { ListArea, Page } from '../../ui/page.tsx';
import { Table } from '../../ui/table.tsx';
import { Tabs } from '../../ui/tabs.tsx';
import { AddPersonDialog } from './add-person-dialog.tsx';
import { narrowPersonColumns, personColumns } from './people-columns.tsx';
import type { PersonRow } from './people-columns.tsx';
import { PeopleFilterBar } from './people-filter-bar.tsx';
import styles from './people.module.css';
import { MissingPerson, PersonPanel } from './person-panel.tsx';
import { ResetDialog } from './reset-dialog.tsx';
import { SignIn } from './sign-in.tsx';
import { count, t } from '../../language/strings.ts';

/** GitLab is asked for every account: seldom, and at once after something was done here. Milliseconds. */
const readMs = 30_000;

const none: readonly Person[] = [];

function askPeople(client: CoreClient): Promise<People> {
  return client.call('user.list', {});
}

function rowOf(person: Person): PersonRow {
  return { id: person.name, person };
}

function closePanel(): void {
  openBeside(null);
}

const nothingFits = (
  <EmptyState
    icon={Users}
    title={t('Nobody fits this filter')}
    action={<a href={formatRoute({ page: 'people' })}>{t('Show everybody')}</a>}
  >
    {t('People are found by their names, their e-mail address and their groups.')}
  </EmptyState>
);

/** What belongs here, by who keeps it. */
function nobody(source: People['source']) {
  if (source === 'none') {
    return (
      <EmptyState icon={Users} title={t('No stack, so nobody yet')} command="autogit stack up">
        {t(
          'Bring up the stack, and the people of your lab stand here: one login for GitLab and everything else.',
        )}
      </EmptyState>
    );
  }
  const command = source === 'file' ? 'autogit user add ana --email ana@example.net' : 'autogit user list';
  return (
    <EmptyState icon={Users} title={t('Nobody is here yet')} command={command}>
      {readOnlyReason(source) ??
        t('Whoever is added here signs in to GitLab and everything else with one name and password.')}
    </EmptyState>
  );
}

interface ActionsProps {
  readonly people: People | null;
  onAdd(): void;
}

function Actions({ people, onAdd }: ActionsProps) {
  const { deeds } = useLab();
  const readOnly = people === null ? t('Reading who is there first') : readOnlyReason(people.source);
  return (
    <>
      {people !== null && differing(people.users) > 0 && (
        <Button icon={RefreshCw} onClick={() => deeds.ask(syncPeopleDeed)}>
          {t('Bring GitLab into step')}
        </Button>
      )}
      <Button look="primary" icon={UserPlus} blockedBy={readOnly} onClick={onAdd}>
        {t('Add a person')}
      </Button>
    </>
  );
}

/** What has to be known before the list is read. */
function Remarks({ people }: { readonly people: People }) {
  const readOnly = people.source === 'none' ? null : readOnlyReason(people.source);
  return (
    <>
      {readOnly !== null && <p className={styles.remark}>{readOnly}</p>}
      {people.gitlabProblem !== null && (
        <p className={styles.remark} data-tone="waiting" role="status">
          <strong>{t("GitLab's side is not known:")}</strong> {people.gitlabProblem}
        </p>
      )}
    </>
  );
}

interface ListProps {
  readonly people: People;
  readonly route: Route;
  onReset(name: string): void;
}

function List({ people, route, onReset }: ListProps) {
  const { users, source } = people;
  const filter = useMemo(() => peopleFilterOf(route.query), [route.query]);
  const all = useMemo(() => users.map(rowOf), [users]);
  const rows = useMemo(() => filterPeople(users, filter).map(rowOf), [users, filter]);
  const known = useMemo(() => groupsOf(users), [users]);
  const { id } = route;
  const open = users.find(({ name }) => name === id) ?? null;
  return (
    <ListArea>
      <Table
        label={t('People')}
        fresh={(number) => count(number, '{{n}} new person', '{{n}} new people')}
        list={`${filter.group} ${filter.text}`}
        rows={rows}
        all={all}
        columns={personColumns}
        narrow={narrowPersonColumns}
        openId={id}
        onOpen={(row) => openBeside(row.id)}
        empty={all.length > 0 ? nothingFits : nobody(source)}
      />
      {id !== null &&
        (open === null ? (
          <MissingPerson name={id} onClose={closePanel} />
        ) : (
          <PersonPanel
            key={id}
            person={open}
            readOnly={readOnlyReason(source)}
            known={known}
            onReset={() => onReset(id)}
            onClose={closePanel}
          />
        ))}
    </ListArea>
  );
}

const tabs = [
  { name: 'people', words: t('People'), href: formatRoute({ page: 'people' }) },
  { name: 'sign-in', words: t('Sign-in'), href: formatRoute({ page: 'people', query: { tab: 'sign-in' } }) },
] as const;

const partTabs = <Tabs label={t('Parts of this page')} tabs={tabs} current="people" />;
const signInTabs = <Tabs label={t('Parts of this page')} tabs={tabs} current="sign-in" />;

function PeopleList({ route }: { readonly route: Route }) {
  const { value: people, error, again } = useAnswer(askPeople);
  useRepeat(again, readMs);
  useAfterDeeds(again);
  const [isAdding, setAdding] = useState(false);
  /** Who gets new access. */
  const [reset, setReset] = useState<string | null>(null);
  const closeAdd = useCallback(() => setAdding(false), []);
  const users = people?.users ?? none;
  const taken = useMemo(() => users.map(({ name }) => name), [users]);
  const groups = useMemo(() => groupsOf(users), [users]);
  const failed = people === null && error !== null ? t('Who is here cannot be told.') : null;
  return (
    <Page
      name={t('People')}
      sentence={people?.sentence ?? failed}
      isList
      actions={<Actions people={people} onAdd={() => setAdding(true)} />}
    >
      {isAdding && <AddPersonDialog taken={taken} groups={groups} onClose={closeAdd} />}
      {reset !== null && <ResetDialog name={reset} onClose={() => setReset(null)} />}
      {partTabs}
      {error !== null && (
        <ErrorNote problem={error} action={<Button onClick={again}>{t('Ask again')}</Button>} />
      )}
      {people !== null && <Remarks people={people} />}
      {(people === null || people.users.length > 0) && (
        <PeopleFilterBar route={route} filter={peopleFilterOf(route.query)} users={people?.users ?? null} />
      )}
      {people === null ? (
        error === null && (
          <ListArea>
            <Skeleton what={t('people')} rows={8} />
          </ListArea>
        )
      ) : (
        <List people={people} route={route} onReset={setReset} />
      )}
    </Page>
  );
}

export function PeoplePage({ route }: { readonly route: Route }) {
  if (route.query.tab === 'sign-in') return <SignIn tabs={signInTabs} />;
  return <PeopleList route={route} />;
}
