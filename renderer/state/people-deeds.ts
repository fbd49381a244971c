// What can be done with people of the lab.
import type { Input } from '../../main/contract/contract.ts';
import type { Deed } from './deeds.ts';
import { deedOf, typed } from './row-deeds.ts';
import { t } from '../language/strings.ts';

export type NewPerson = Omit<Input<'user.add'>, 'dryRun'>;

/** The line that adds somebody. */
export function addPersonLine({ name, email, displayName, groups = [], totp = false }: NewPerson): string {
  const options = [
    `--email ${typed(email)}`,
    ...(displayName === undefined ? [] : [`--display-name ${typed(displayName)}`]),
    ...(groups.length === 0 ? [] : [`--groups ${groups.join(',')}`]),
    ...(totp ? ['--totp'] : []),
  ];
  return `user add ${name} ${options.join(' ')}`;
}

export function addPersonDeed(person: NewPerson): Deed {
  return deedOf(
    {
      title: t('Add {{name}}', { name: person.name }),
      note: t('A password is made and shown once, here. Whoever gets it can change it after signing in.'),
    },
    addPersonLine(person),
    (client, dryRun) => client.call('user.add', { ...person, dryRun }),
  );
}

export function disablePersonDeed(name: string): Deed {
  const note = t(
    'They are let in nowhere from now on. What they have made stays, and they can be let in again.',
  );
  return deedOf(
    { title: t('Let {{name}} in no longer', { name }), note },
    `user disable ${name}`,
    (client, dryRun) => client.call('user.disable', { name, dryRun }),
  );
}

export function enablePersonDeed(name: string): Deed {
  const note = t('Their password and second factor are those that they had.');
  return deedOf(
    { title: t('Let {{name}} in again', { name }), note },
    `user enable ${name}`,
    (client, dryRun) => client.call('user.enable', { name, dryRun }),
  );
}

export function removePersonDeed(name: string): Deed {
  return deedOf(
    {
      title: t('Remove {{name}}', { name }),
      effect: t('Remove {{name}}, block them in GitLab', { name }),
      note: t(
        'Their login, password and second factors are gone. In GitLab they are blocked; their projects and what they have written stay.',
      ),
    },
    `user remove ${name} --yes`,
    (client, dryRun) => client.call('user.remove', { name, dryRun }),
    true,
  );
}

export interface Reset {
  /** A new password. */
  readonly password: boolean;
  /** Their second factors end. */
  readonly factors: boolean;
  /** A new one-time password is made. */
  readonly totp: boolean;
}

function resetTitle(name: string, { password, factors, totp }: Reset): string {
  if (password && totp) return t('Give {{name}} a new password and a new one-time password', { name });
  if (password && factors) return t('Give {{name}} a new password and no second factor', { name });
  if (password) return t('Give {{name}} a new password', { name });
  if (totp) return t('Give {{name}} a new one-time password', { name });
  return t('Give {{name}} no second factor', { name });
}

export function resetPersonDeed(name: string, reset: Reset): Deed {
  const { password, factors, totp } = reset;
  const options = [
    ...(password ? [] : ['--no-password']),
    ...(factors ? ['--factors'] : []),
    ...(totp ? ['--totp'] : []),
  ];
  return deedOf(
    {
      title: resetTitle(name, reset),
      note: [
        t('What is new is shown once, here.'),
        ...(factors ? [t('Passkeys and one-time passwords that they have end.')] : []),
        t('You use this machine: that is the proof that you may.'),
      ].join(' '),
    },
    ['user reset', name, ...options].join(' '),
    (client, dryRun) => client.call('user.reset', { name, password, factors, totp, dryRun }),
  );
}

const adminGroup = 'admins';

export function joinGroupDeed(name: string, group: string): Deed {
  const note = group === adminGroup ? t('Whoever is in it administrates GitLab.') : null;
  return deedOf(
    { title: t('Put {{name}} into {{group}}', { name, group }), note },
    `user groups ${name} --add ${group}`,
    (client, dryRun) => client.call('user.groups', { name, add: [group], dryRun }),
  );
}

export function leaveGroupDeed(name: string, group: string): Deed {
  const note = group === adminGroup ? t('They administrate GitLab no longer.') : null;
  return deedOf(
    { title: t('Take {{name}} out of {{group}}', { name, group }), note },
    `user groups ${name} --remove ${group}`,
    (client, dryRun) => client.call('user.groups', { name, remove: [group], dryRun }),
  );
}

/** The account that GitLab has for them is theirs: what they get by it stands in the plan. */
export function confirmPersonDeed(name: string): Deed {
  return deedOf(
    {
      title: t("Say that GitLab's account is {{name}}'s", { name }),
      note: t(
        'It was found by its address alone, which whoever has it may set. Whoever owns it gets what the lab gives them.',
      ),
    },
    `user sync --confirm ${name}`,
    (client, dryRun) => client.call('user.sync', { confirm: [name], dryRun }),
  );
}

/** They were taken out of Authelia's file by hand. */
export function blockPersonDeed(name: string): Deed {
  return deedOf(
    {
      title: t('Block {{name}} in GitLab', { name }),
      note: t('They were taken out of the lab by hand. Their projects and what they have written stay.'),
    },
    `user remove ${name} --yes`,
    (client, dryRun) => client.call('user.remove', { name, dryRun }),
    true,
  );
}

/** Everybody at once: GitLab is made as the lab says. */
export const syncPeopleDeed: Deed = deedOf(
  {
    title: t('Bring GitLab into step'),
    note: t(
      'Accounts in GitLab are made as the lab has its people. Nobody who is kept elsewhere is touched.',
    ),
  },
  'user sync',
  (client, dryRun) => client.call('user.sync', { dryRun }),
);
