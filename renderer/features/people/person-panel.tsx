// One person beside the list: who they are, what they may, what is not in step, and what can be done.
import { KeyRound, Plus, RefreshCw, Trash2, UserCheck, UserX, X } from 'lucide-react';
import { useId, useState } from 'react';
import type { ReactNode } from 'react';
import { factorLook, gitlabPersonLooks, personLook } from '../../state/people.ts';
import type { Person } from '../../state/people.ts';
import {
  blockPersonDeed,
  confirmPersonDeed,
  disablePersonDeed,
  enablePersonDeed,
  joinGroupDeed,
  leaveGroupDeed,
  removePersonDeed,
  syncPeopleDeed,
} from '../../state/people-deeds.ts';
import { groupsIn } from '../../state/person-form.ts';
import { useLab } from '../../state/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, IconButton } from '../../ui/button.tsx';
import { Copyable } from '../../ui/copyable.tsx';
import { TextField } from '../../ui/field.tsx';
import { Facts, Panel, PanelBody, PanelFoot, Section } from '../../ui/page.tsx';
import styles from './people.module.css';
import { t } from '../../language/strings.ts';

interface PersonProps {
  readonly person: Person;
  /** Why nothing can be changed here; `null`: it can. */
  readonly readOnly: string | null;
}

interface ButtonsProps extends PersonProps {
  onReset(): void;
}

function Buttons({ person, readOnly, onReset }: ButtonsProps) {
  const { deeds } = useLab();
  const { name, disabled } = person;
  return (
    <PanelFoot>
      <Button icon={KeyRound} blockedBy={readOnly} onClick={onReset}>
        {t('New access')}
      </Button>
      {disabled ? (
        <Button icon={UserCheck} blockedBy={readOnly} onClick={() => deeds.ask(enablePersonDeed(name))}>
          {t('Let in again')}
        </Button>
      ) : (
        <Button icon={UserX} blockedBy={readOnly} onClick={() => deeds.ask(disablePersonDeed(name))}>
          {t('Disable')}
        </Button>
      )}
      <Button icon={Trash2} blockedBy={readOnly} onClick={() => deeds.ask(removePersonDeed(name))}>
        {t('Remove')}
      </Button>
    </PanelFoot>
  );
}

interface GroupsProps extends PersonProps {
  /** Groups that there are. */
  readonly known: readonly string[];
}

function JoinGroup({ person, known }: Omit<GroupsProps, 'readOnly'>) {
  const { deeds } = useLab();
  const [text, setText] = useState('');
  const listId = useId();
  const [group, ...more] = groupsIn(text);
  const isIn = group !== undefined && person.groups.includes(group);
  const isWrong =
    group !== undefined && (more.length > 0 || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(group));
  const error = isIn
    ? t('They are in {{group}} already.', { group })
    : isWrong
      ? t('One group, of letters, digits, dots and hyphens.')
      : undefined;
  return (
    <form
      className={styles.join}
      onSubmit={(event) => {
        event.preventDefault();
        if (group === undefined || error !== undefined) return;
        deeds.ask(joinGroupDeed(person.name, group));
        setText('');
      }}
    >
      <TextField
        name="group"
        label={t('Put into a group')}
        placeholder="developers"
        list={listId}
        value={text}
        error={error}
        onChange={setText}
      />
      <datalist id={listId}>
        {known
          .filter((one) => !person.groups.includes(one))
          .map((one) => (
            <option key={one} value={one} />
          ))}
      </datalist>
      <Button type="submit" icon={Plus} blockedBy={group === undefined ? t('Name a group first') : null}>
        {t('Add')}
      </Button>
    </form>
  );
}

function Groups({ person, readOnly, known }: GroupsProps) {
  const { deeds } = useLab();
  return (
    <Section title={t('Groups')}>
      {person.groups.length === 0 ? (
        <p className={styles.quiet}>{t('In no group.')}</p>
      ) : (
        <ul className={styles.groups} aria-label={t('Groups of {{name}}', { name: person.name })}>
          {person.groups.map((group) => (
            <li key={group}>
              {group}
              {readOnly === null && (
                <IconButton
                  icon={X}
                  label={t('Take {{name}} out of {{group}}', { name: person.name, group })}
                  onClick={() => deeds.ask(leaveGroupDeed(person.name, group))}
                />
              )}
            </li>
          ))}
        </ul>
      )}
      {readOnly === null && <JoinGroup person={person} known={known} />}
    </Section>
  );
}

/** What a person decides, where nobody else can. */
function Decision({ person: { name, decision } }: Pick<PersonProps, 'person'>) {
  const { deeds } = useLab();
  switch (decision) {
    case 'confirm':
      return (
        <Button icon={UserCheck} onClick={() => deeds.ask(confirmPersonDeed(name))}>
          {t('The account is theirs')}
        </Button>
      );
    case 'block':
      return (
        <Button icon={UserX} onClick={() => deeds.ask(blockPersonDeed(name))}>
          {t('Block in GitLab')}
        </Button>
      );
    case null:
      return (
        <Button icon={RefreshCw} onClick={() => deeds.ask(syncPeopleDeed)}>
          {t('Bring GitLab into step')}
        </Button>
      );
  }
}

/** What is not in step, and the button that mends it. */
function Differences({ person }: Pick<PersonProps, 'person'>) {
  const { differences } = person;
  if (differences.length === 0) return null;
  return (
    <div className={styles.note}>
      <ul>
        {differences.map((difference) => (
          <li key={difference}>{difference}</li>
        ))}
      </ul>
      <Decision person={person} />
    </div>
  );
}

function gitlabFact({ gitlab }: Person): ReactNode {
  const { state, username, admin } = gitlab;
  return (
    <>
      <Badge quiet={state !== 'unknown'} look={gitlabPersonLooks[state]} />
      {username !== null && <span className={styles.quiet}> {t('as {{username}}', { username })}</span>}
      {admin && <span className={styles.quiet}>{`, ${t('administrator')}`}</span>}
    </>
  );
}

interface PersonPanelProps extends GroupsProps {
  onReset(): void;
  onClose(): void;
}

export function PersonPanel({ person, readOnly, known, onReset, onClose }: PersonPanelProps) {
  const title = person.displayName === '' ? person.name : person.displayName;
  return (
    <Panel
      label={t('Person {{name}}', { name: person.name })}
      title={
        <>
          {title} <Badge look={personLook(person)} />
        </>
      }
      onClose={onClose}
    >
      <PanelBody isAll>
        {person.decision !== 'block' && <Buttons {...{ person, readOnly, onReset }} />}
        {readOnly !== null && <p className={styles.quiet}>{readOnly}</p>}
        <Differences person={person} />
        <Facts
          rows={[
            [t('Signs in as'), <Copyable key="name" text={person.name} what={t('the name')} />],
            [t('E-mail'), <Copyable key="email" text={person.email} what={t('the e-mail address')} />],
            [t('May sign in'), person.disabled ? t('no, disabled') : t('yes')],
            [
              t('Second factor'),
              <Badge key="factor" quiet={person.factors !== 'unknown'} look={factorLook(person)} />,
            ],
            ['GitLab', gitlabFact(person)],
            [t('Administrator'), person.admin ? t('yes, by the group admins') : t('no')],
          ]}
        />
        {person.decision !== 'block' && <Groups {...{ person, readOnly, known }} />}
      </PanelBody>
    </Panel>
  );
}

interface MissingPersonProps {
  readonly name: string;
  onClose(): void;
}

/** An address of somebody who is not there, or no longer. */
export function MissingPerson({ name, onClose }: MissingPersonProps) {
  return (
    <Panel label={t('Person {{name}}', { name })} title={name} onClose={onClose}>
      <PanelBody isAll>
        <p>{t('There is nobody named {{name}}.', { name })}</p>
      </PanelBody>
    </Panel>
  );
}
