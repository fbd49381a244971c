// What a row of the list of people shows.
import { factorLook, gitlabPersonLooks, personLook, shortFactors } from '../../state/people.ts';
import type { Person } from '../../state/people.ts';
import { Badge } from '../../ui/badge.tsx';
import { RowLink } from '../../ui/row-link.tsx';
import type { Column } from '../../ui/table.tsx';
import styles from './people.module.css';
import { t } from '../../language/strings.ts';

/** A person as a row: known by the name they sign in with. */
export interface PersonRow {
  readonly id: string;
  readonly person: Person;
}

function Name({ person }: { readonly person: Person }) {
  return (
    <>
      <RowLink page="people" id={person.name} title={`${person.displayName} (${person.name})`}>
        {person.displayName === '' ? person.name : person.displayName}
      </RowLink>{' '}
      <span className={styles.quiet}>{person.name}</span>
    </>
  );
}

function Groups({ groups }: Pick<Person, 'groups'>) {
  const words = groups.join(', ');
  return (
    <span className={styles.quiet} title={words}>
      {words === '' ? t('none') : words}
    </span>
  );
}

/** Told apart from afar is only what somebody should look at. */
function Factors({ person }: { readonly person: Person }) {
  const look = factorLook(person);
  if (look.tone !== 'success') return <Badge quiet={look.tone !== 'unknown'} look={look} />;
  return <span title={look.word}>{shortFactors(person)}</span>;
}

function Gitlab({ gitlab }: Pick<Person, 'gitlab'>) {
  const look = gitlabPersonLooks[gitlab.state];
  if (look.tone === 'success') return look.word;
  return <Badge quiet={look.tone !== 'unknown'} look={look} />;
}

/** What is not in step, as far as there is room. */
function Differences({ differences, gitlab }: Person) {
  if (differences.length > 0) {
    return (
      <span className={styles.differs} title={differences.join('\n')}>
        {differences.length > 1 && `${differences.length}: `}
        {differences[0]}
      </span>
    );
  }
  return <span className={styles.quiet}>{gitlab.state === 'unknown' ? t('unknown') : t('none')}</span>;
}

export const personColumns: readonly Column<PersonRow>[] = [
  { title: t('State'), track: '108px', cell: ({ person }) => <Badge look={personLook(person)} /> },
  { title: t('Person'), track: 'minmax(120px, 3fr)', cell: ({ person }) => <Name person={person} /> },
  {
    title: t('E-mail'),
    track: 'minmax(96px, 3fr)',
    cell: ({ person }) => <span title={person.email}>{person.email}</span>,
  },
  { title: t('Groups'), track: 'minmax(64px, 2fr)', cell: ({ person }) => <Groups groups={person.groups} /> },
  { title: t('Second factor'), track: '104px', cell: ({ person }) => <Factors person={person} /> },
  { title: 'GitLab', track: '88px', cell: ({ person }) => <Gitlab gitlab={person.gitlab} /> },
  { title: t('Differences'), track: 'minmax(96px, 3fr)', cell: ({ person }) => <Differences {...person} /> },
];

/** Two lines a row, for narrow windows and beside an open person. */
export const narrowPersonColumns: readonly Column<PersonRow>[] = [
  {
    title: t('Person'),
    track: 'minmax(0, 1fr)',
    cell: ({ person }) => (
      <>
        <div className={styles.line}>
          <Name person={person} />
        </div>
        <div className={`${styles.line} ${styles.quiet}`}>{person.email}</div>
      </>
    ),
  },
  {
    title: t('State'),
    track: '116px',
    align: 'end',
    cell: ({ person }) => (
      <>
        <Badge look={personLook(person)} />
        <div className={styles.quiet}>{shortFactors(person)}</div>
      </>
    ),
  },
];
