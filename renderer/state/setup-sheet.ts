// What somebody has after the set-up, and the same as a sheet of text to print or keep: how to get back in, and what is where.
import type { Output } from '../../main/contract/contract.ts';

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
  /** Secrets that somebody has asked for, by what they are. */
  readonly secrets: readonly { readonly label: string; readonly value: string }[];
}

/** First passwords by the names of the secrets, in words. */
export const firstPasswords: readonly (readonly [name: string, who: string])[] = [
  ['authelia-admin-password', 'The first person, at the sign-in of the lab'],
  ['gitlab-root-password', 'root, in GitLab itself: for emergencies'],
];

/** There is no part of AutoGit yet that makes them; a copy by hand is what is left. */
export const backupWords =
  'Not set up yet: AutoGit makes no backups so far. Copy the data and the home by hand.';

const kinds: Readonly<Record<Possessions['kind'], string>> = {
  none: 'none',
  sandbox: 'the sandbox, a stand-in to try AutoGit with',
  server: 'a GitLab of your own',
};

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : ['', title.toUpperCase(), ...lines.map((line) => `  ${line}`)];
}

function stackLines({ status }: Possessions): readonly string[] {
  if (status?.lab === undefined || status.lab === null) return [];
  const { lab, project, folder, data, certificate } = status;
  return [
    `Name: ${lab} (Compose project ${project ?? 'unknown'})`,
    `Folder that runs: ${folder ?? 'unknown'}`,
    `Data: ${data ?? 'unknown'}`,
    ...(certificate?.root === undefined || certificate.root === null
      ? []
      : [`Root that devices trust: ${certificate.root}`]),
  ];
}

function signInLines({ kind, status, secrets }: Possessions): readonly string[] {
  if (kind === 'sandbox') return ['User root; the token: autogit sandbox access'];
  if (status?.lab === undefined || status.lab === null)
    return ['As before: AutoGit changes nobody’s access.'];
  const first = status.answers === null ? [] : [`First person: ${status.answers.admin.username}`];
  const shown = secrets.map(({ label, value }) => `${label}: ${value}`);
  return [
    ...first,
    ...(shown.length > 0
      ? [...shown, 'This sheet has passwords on it: keep it where nobody else looks.']
      : [
          'No password is on this sheet. On this machine they are shown by:',
          ...firstPasswords.map(([name]) => `  autogit stack secret ${name}`),
        ]),
  ];
}

/** The sheet. `at` in the reader's own words. */
export function recoverySheet(have: Possessions, at: string): string {
  const { kind, home, gitlabUrl, places } = have;
  const hasStack = stackLines(have).length > 0;
  const lines = [
    'AUTOGIT: RECOVERY SHEET',
    `Made ${at}`,
    ...section('GitLab', [
      hasStack ? 'installed here by AutoGit' : kinds[kind],
      ...(gitlabUrl === null ? [] : [gitlabUrl]),
    ]),
    ...section(
      'Addresses',
      places.map(({ name, what }) => `${name}  ${what}`),
    ),
    ...section('The lab', stackLines(have)),
    ...section('Signing in', signInLines(have)),
    ...section('AutoGit itself', [
      `Home: ${home}`,
      'In it are settings.yaml, state.db and secrets/ with the key: without the key nobody can read the secrets.',
    ]),
    ...section('Backups', [backupWords]),
    ...section('When something is wrong', [
      'autogit status          how things stand',
      'autogit doctor          what is wrong, and how it is mended',
      ...(hasStack
        ? [
            'autogit stack status    the services of the lab',
            'autogit stack up        bring it up again, from the same answers',
          ]
        : []),
    ]),
    ...section(
      'When the machine is lost',
      hasStack
        ? [
            '1. Install AutoGit on another machine, and put the copy of the home in its place (AUTOGIT_HOME says where).',
            '2. Put the copy of the data where it was.',
            '3. autogit stack up',
          ]
        : ['Install AutoGit elsewhere, and put the copy of the home in its place.'],
    ),
  ];
  return `${lines.join('\n')}\n`;
}
