// What somebody has after the set-up, and the same as a sheet to print or keep: how to get back in, and what is where.
import type { Output } from '../../main/contract/contract.ts';
import type { SheetRow, SheetSection } from './sheet.ts';
import { listed } from './words.ts';
import { t } from '../language/strings.ts';

type Status = Output<'stack.status'>;

export interface Place {
  readonly name: string;
  readonly what: string;
}

/** What is known at the end; `null` and `[]` where there is none of it. */
export interface Possessions {
  readonly kind: 'none' | 'sandbox' | 'server';
  readonly home: string;
  readonly gitlabUrl: string | null;
  readonly status: Pick<Status, 'lab' | 'project' | 'folder' | 'data' | 'certificate' | 'answers'> | null;
  readonly places: readonly Place[];
  /** `null`: not known. */
  readonly backups: {
    readonly targets: readonly { readonly name: string; readonly place: string }[];
    readonly sheetKeptAt: number | null;
  } | null;
  /** Secrets that somebody has asked for, by what they are. */
  readonly secrets: readonly { readonly label: string; readonly value: string }[];
}

/** First passwords by the names of the secrets, in words. */
export const firstPasswords: readonly (readonly [name: string, who: string])[] = [
  ['authelia-admin-password', t('The first person, at the sign-in of the lab')],
  ['gitlab-root-password', t('root, in GitLab itself: for emergencies')],
];

/** What is set up of backups, or where that is done. */
export function backupWords(backups: Possessions['backups']): string {
  if (backups === null) return t('Whether there are any is not known: autogit backup show');
  if (backups.targets.length === 0)
    return t('None yet: add a target on the page Backups, and everything is backed up each night.');
  const places = listed(backups.targets.map(({ name, place }) => `${name} (${place})`));
  const where = t('At {{places}}. The twelve words that open them are on a sheet of their own.', { places });
  return backups.sheetKeptAt === null
    ? [where, t('Their recovery sheet is still to be kept: page Backups.')].join(' ')
    : where;
}

const kinds: Readonly<Record<Possessions['kind'], string>> = {
  none: t('none'),
  sandbox: t('the sandbox, a stand-in to try AutoGit with'),
  server: t('a GitLab of your own'),
};

/** A value where it is known. */
const known = (label: string, value: string | null): SheetRow => ({ label, value: value ?? t('unknown') });

function stackRows({ status }: Possessions): readonly SheetRow[] {
  if (status?.lab === undefined || status.lab === null) return [];
  const { lab, project, folder, data, certificate } = status;
  return [
    {
      label: t('Name'),
      value: t('{{lab}} (Compose project {{project}})', { lab, project: project ?? t('unknown') }),
    },
    known(t('Folder that runs'), folder),
    known(t('Data'), data),
    ...(certificate?.root === undefined || certificate.root === null
      ? []
      : [{ label: t('Root that devices trust'), value: certificate.root }]),
  ];
}

function signInRows({ kind, status, secrets }: Possessions): readonly SheetRow[] {
  if (kind === 'sandbox')
    return [
      { label: t('User'), value: 'root' },
      { label: t('Its token'), value: 'autogit sandbox access' },
    ];
  if (status?.lab === undefined || status.lab === null)
    return [{ value: t('As before: AutoGit changes nobody’s access.') }];
  const first =
    status.answers === null ? [] : [{ label: t('First person'), value: status.answers.admin.username }];
  return [
    ...first,
    ...(secrets.length > 0
      ? [...secrets, { value: t('This sheet has passwords on it: keep it where nobody else looks.') }]
      : [
          { value: t('No password is on this sheet. On this machine they are shown by:') },
          ...firstPasswords.map(([name, who]) => ({ label: who, value: `autogit stack secret ${name}` })),
        ]),
  ];
}

function wrongRows(hasStack: boolean): readonly SheetRow[] {
  return [
    { label: t('How things stand'), value: 'autogit status' },
    { label: t('What is wrong, and how it is mended'), value: 'autogit doctor' },
    ...(hasStack
      ? [
          { label: t('The services of the lab'), value: 'autogit stack status' },
          { label: t('Bring it up again, from the same answers'), value: 'autogit stack up' },
        ]
      : []),
  ];
}

function lostRows(hasStack: boolean, hasBackups: boolean): readonly SheetRow[] {
  if (hasBackups)
    return [
      { value: t('1. Install AutoGit on another machine, and open it.') },
      {
        value: t(
          '2. Choose "Restore from a backup", and give the place of the backups and the twelve words.',
        ),
      },
    ];
  if (!hasStack)
    return [{ value: t('Install AutoGit elsewhere, and put the copy of the home in its place.') }];
  return [
    {
      value: t(
        '1. Install AutoGit on another machine, and put the copy of the home in its place (AUTOGIT_HOME says where).',
      ),
    },
    { value: t('2. Put the copy of the data where it was.') },
    { value: '3. autogit stack up' },
  ];
}

/** What stands on the sheet of the set-up. */
export function recoverySheet(have: Possessions): readonly SheetSection[] {
  const { kind, home, gitlabUrl, places, backups } = have;
  const lab = stackRows(have);
  const hasStack = lab.length > 0;
  return [
    {
      title: 'GitLab',
      rows: [
        { value: hasStack ? t('installed here by AutoGit') : kinds[kind] },
        ...(gitlabUrl === null ? [] : [{ label: t('Address'), value: gitlabUrl }]),
      ],
    },
    { title: t('Addresses'), rows: places.map(({ name, what }) => ({ label: what, value: name })) },
    { title: t('The lab'), rows: lab },
    { title: t('Signing in'), rows: signInRows(have) },
    {
      title: t('AutoGit itself'),
      rows: [
        { label: t('Home'), value: home },
        {
          value: t(
            'In it are settings.yaml, state.db and secrets/ with the key: without the key nobody can read the secrets.',
          ),
        },
      ],
    },
    { title: t('Backups'), rows: [{ value: backupWords(backups) }] },
    { title: t('When something is wrong'), rows: wrongRows(hasStack) },
    { title: t('When the machine is lost'), rows: lostRows(hasStack, (backups?.targets.length ?? 0) > 0) },
  ];
}
