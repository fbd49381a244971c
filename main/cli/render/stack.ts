// How the stack stands, its secrets, its questions, and what a person does after the first `up`, as text.
import type { Output } from '../../contract/contract.ts';
import { renderOutcome } from './outcome.ts';
import { imageText, renderStackPlan } from './stack-plan.ts';
import { renderProgress } from './stack-progress.ts';
import { renderPairs, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { ago, clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Status = Output<'stack.status'>;
type Service = Status['services'][number];

function stateTone({ state, health }: Service): Tone {
  if (state === 'missing' || state === 'exited' || state === 'dead' || health === 'unhealthy') return 'bad';
  if (state !== 'running' || health === 'starting') return 'warn';
  return 'good';
}

function stateCell(service: Service): Cell {
  const { state, health, exitCode } = service;
  const code = state === 'exited' && exitCode !== null ? ` (${exitCode})` : '';
  const said = health === 'none' || state !== 'running' ? `${state}${code}` : health;
  return { text: said, tone: stateTone(service) };
}

function renderServices(services: Status['services'], view: View): string {
  return renderTable<Service>(
    [
      { title: 'SERVICE', cell: ({ service }) => service },
      { title: 'STATE', cell: stateCell },
      { title: 'SINCE', cell: ({ since }) => (since === null ? '' : ago(since, view.now)) },
      {
        title: 'RESTARTS',
        cell: ({ restarts }) => ({
          text: restarts === null ? '' : String(restarts),
          ...((restarts ?? 0) > 5 ? { tone: 'warn' as const } : {}),
        }),
      },
      { title: 'IMAGE', cell: ({ image }) => (image === null ? '' : imageText(image)) },
    ],
    services,
    view,
  );
}

function certificateText(certificate: NonNullable<Status['certificate']>, view: View): Cell {
  const { mode, until, root } = certificate;
  const trust = root === null ? '' : `; devices trust ${root}`;
  if (until === null) return { text: `${mode}${trust}` };
  const days = Math.floor((until - view.now) / 86_400_000);
  const tone: Tone = days < 7 ? 'bad' : days < 30 ? 'warn' : 'good';
  const date = new Date(until).toISOString().slice(0, 10);
  return { text: `${mode}, until ${date} (${days} days)${trust}`, tone };
}

/** `autogit stack status`. */
export function renderStackStatus(status: Status, view: View): string {
  const { sentence, project, folder, data, gitlabUrl, services, certificate, run, last } = status;
  const head = wrap(clean(sentence), view.width)
    .map((line) => `${line}\n`)
    .join('');
  if (project === null) return head;
  const pairs: readonly (readonly [string, Cell | string])[] = [
    ...(gitlabUrl === null ? [] : [['GitLab', gitlabUrl] as const]),
    ...(certificate === null ? [] : [['Certificate', certificateText(certificate, view)] as const]),
    ...(folder === null ? [] : [['Folder', folder] as const]),
    ...(data === null ? [] : [['Data', data] as const]),
    ...(last === null
      ? []
      : [['Last', `${last.verb}, ${ago(last.endedAt, view.now)}: ${last.outcome}`] as const]),
  ];
  return [
    head,
    ...(run === null ? [] : [renderProgress(run, view)]),
    ...(services.length === 0 ? [] : [renderServices(services, view)]),
    renderPairs(pairs, view),
  ].join('\n');
}

/** `autogit stack up --dry-run` shows the plan. */
export function renderStackUp(outcome: Output<'stack.up'>, view: View): string {
  const { plan, dryRun } = outcome;
  return plan === null || !dryRun ? renderOutcome(outcome, view) : renderStackPlan(plan, view);
}

/** A part of what services have printed. */
export function renderStackLog({ text }: Output<'stack.logs'>): string {
  return text.endsWith('\n') ? text : `${text}\n`;
}

/** `autogit stack secret`. */
export function renderStackSecrets({ secrets, value }: Output<'stack.secret'>, view: View): string {
  // Alone on its line, so that it can be piped.
  if (value !== null) return `${value}\n`;
  if (secrets.length === 0) return 'There is no stack, so it has no secrets.\n';
  return renderTable<(typeof secrets)[number]>(
    [
      { title: 'SECRET', cell: ({ name }) => name },
      {
        title: 'STATE',
        cell: ({ isSet, kind }) =>
          isSet
            ? { text: 'set', tone: 'good' }
            : {
                text: kind === 'asked' ? 'asked of you' : 'made by up',
                tone: kind === 'asked' ? 'warn' : 'quiet',
              },
      },
      { title: 'WHAT', cell: ({ label }) => label },
    ],
    secrets,
    view,
  );
}

/** `autogit stack code`. */
export function renderStackCode({ code, at, recipient }: Output<'stack.code'>, view: View): string {
  const pairs = [
    ['Code', { text: clean(code), tone: 'strong' as const }] as const,
    ['For', clean(recipient)] as const,
    ['Written', at === null ? 'at a time that is not told' : ago(at, view.now)] as const,
  ];
  const hint = 'A code is good for five minutes; a newer one takes the place of the one before.';
  return `${renderPairs(pairs, view)}\n${renderHint(hint, view)}`;
}

export interface Welcome {
  readonly gitlabUrl: string;
  /** `null`: nobody is there to read it. */
  readonly password: string | null;
  readonly root: string | null;
  /** Codes for choosing a second factor come by no mail. */
  readonly needsCodes: boolean;
}

/** After the first `up`: where to go, the first password, whom to trust, what comes next. */
export function renderWelcome({ gitlabUrl, password, root, needsCodes }: Welcome, view: View): string {
  const pairs = [
    ['GitLab', { text: clean(gitlabUrl), tone: 'strong' as const }] as const,
    ['User', 'root'] as const,
    [
      'Password',
      password === null
        ? 'autogit stack secret gitlab-root-password'
        : { text: password, tone: 'strong' as const },
    ] as const,
  ];
  const reset = [
    'The password is shown this once. It stays among the secrets: autogit stack secret gitlab-root-password.',
    'To set another one: in GitLab, Edit profile > Password; or, if it is lost, in its container: docker compose exec gitlab gitlab-rake "gitlab:password:reset[root]", in the folder of the stack.',
  ];
  const trust =
    root === null
      ? []
      : [
          `Browsers and git trust GitLab once the device trusts the root of this lab: ${root}. Copy it to each device; docs/stack.md says where it goes. On Debian: cp it to /usr/local/share/ca-certificates/, then update-ca-certificates.`,
        ];
  const factor = needsCodes
    ? [
        'Sign-in asks for a second factor. Choosing one takes a code, which would come by mail; without mail it is shown by: autogit stack code.',
      ]
    : [];
  const next = [
    'Next: sign in, make a project, push it. Jobs find runners by themselves: autogit status.',
    'A backup is worth having from the first day on: data and secrets belong together.',
  ];
  const lines = [...(password === null ? [] : reset), ...trust, ...factor, ...next].flatMap((text) =>
    wrap(text, view.width),
  );
  return `${renderPairs(pairs, view)}\n${lines.map((line) => `${line}\n`).join('')}`;
}

/** Where a person can look further, quiet. */
export function renderHint(text: string, view: View): string {
  return wrap(clean(text), view.width)
    .map((line) => `${paint(line, 'quiet', view)}\n`)
    .join('');
}
