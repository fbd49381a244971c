// What somebody has after the set-up, and the same as a sheet to print or keep: how to get back in, and what is where.
import type { Output } from '../../main/contract/contract.ts';
import type { SheetRow, SheetSection } from './sheet.ts';
import { listed } from './words.ts';

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
  ['authelia-admin-password', 'The first person, at the sign-in of the lab'],
  ['gitlab-root-password', 'root, in GitLab itself: for emergencies'],
];

/** What is set up of backups, or where that is done. */
export function backupWords(backups: Possessions['backups']): string {
  if (backups === null) return 'Whether there are any is not known: autogit backup show';
  if (backups.targets.length === 0)
    return 'None yet: add a target on the page Backups, and everything is backed up each night.';
  const places = listed(backups.targets.map(({ name, place }) => `${name} (${place})`));
  const sheet =
    backups.sheetKeptAt === null ? ' Their recovery sheet is still to be kept: page Backups.' : '';
  return `At ${places}. The twelve words that open them are on a sheet of their own.${sheet}`;
}

const kinds: Readonly<Record<Possessions['kind'], string>> = {
  none: 'none',
  sandbox: 'the sandbox, a stand-in to try AutoGit with',
  server: 'a GitLab of your own',
};

/** A value where it is known. */
const known = (label: string, value: string | null): SheetRow => ({ label, value: value ?? 'unknown' });

function stackRows({ status }: Possessions): readonly SheetRow[] {
  if (status?.lab === undefined || status.lab === null) return [];
  const { lab, project, folder, data, certificate } = status;
  return [
    { label: 'Name', value: `${lab} (Compose project ${project ?? 'unknown'})` },
    known('Folder that runs', folder),
    known('Data', data),
    ...(certificate?.root === undefined || certificate.root === null
      ? []
      : [{ label: 'Root that devices trust', value: certificate.root }]),
  ];
}

function signInRows({ kind, status, secrets }: Possessions): readonly SheetRow[] {
  if (kind === 'sandbox')
    return [
      { label: 'User', value: 'root' },
      { label: 'Its token', value: 'autogit sandbox access' },
    ];
  if (status?.lab === undefined || status.lab === null)
    return [{ value: 'As before: AutoGit changes nobody’s access.' }];
  const first =
    status.answers === null ? [] : [{ label: 'First person', value: status.answers.admin.username }];
  return [
    ...first,
    ...(secrets.length > 0
      ? [...secrets, { value: 'This sheet has passwords on it: keep it where nobody else looks.' }]
      : [
          { value: 'No password is on this sheet. On this machine they are shown by:' },
          ...firstPasswords.map(([name, who]) => ({ label: who, value: `autogit stack secret ${name}` })),
        ]),
  ];
}

function wrongRows(hasStack: boolean): readonly SheetRow[] {
  return [
    { label: 'How things stand', value: 'autogit status' },
    { label: 'What is wrong, and how it is mended', value: 'autogit doctor' },
    ...(hasStack
      ? [
          { label: 'The services of the lab', value: 'autogit stack status' },
          { label: 'Bring it up again, from the same answers', value: 'autogit stack up' },
        ]
      : []),
  ];
}

function lostRows(hasStack: boolean, hasBackups: boolean): readonly SheetRow[] {
  if (hasBackups)
    return [
      { value: '1. Install AutoGit on another machine, and open it.' },
      { value: '2. Choose "Restore from a backup", and give the place of the backups and the twelve words.' },
    ];
  if (!hasStack) return [{ value: 'Install AutoGit elsewhere, and put the copy of the home in its place.' }];
  return [
    {
      value:
        '1. Install AutoGit on another machine, and put the copy of the home in its place (AUTOGIT_HOME says where).',
    },
    { value: '2. Put the copy of the data where it was.' },
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
        { value: hasStack ? 'installed here by AutoGit' : kinds[kind] },
        ...(gitlabUrl === null ? [] : [{ label: 'Address', value: gitlabUrl }]),
      ],
    },
    { title: 'Addresses', rows: places.map(({ name, what }) => ({ label: what, value: name })) },
    { title: 'The lab', rows: lab },
    { title: 'Signing in', rows: signInRows(have) },
    {
      title: 'AutoGit itself',
      rows: [
        { label: 'Home', value: home },
        {
          value:
            'In it are settings.yaml, state.db and secrets/ with the key: without the key nobody can read the secrets.',
        },
      ],
    },
    { title: 'Backups', rows: [{ value: backupWords(backups) }] },
    { title: 'When something is wrong', rows: wrongRows(hasStack) },
    { title: 'When the machine is lost', rows: lostRows(hasStack, (backups?.targets.length ?? 0) > 0) },
  ];
}
