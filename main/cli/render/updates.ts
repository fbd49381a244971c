// Updates as text: how they stand, what is new, and what to do now.
import type { Output } from '../../contract/contract.ts';
import { ago, clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

type Status = Output<'update.status'>;

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function toneOf(state: Status['state']): Tone {
  if (state === 'refused') return 'bad';
  return state === 'current' ? 'good' : state === 'available' || state === 'ready' ? 'busy' : 'strong';
}

function nextOf({ state, install }: Status): string | null {
  switch (state) {
    case 'off':
      return 'Set the place that they come from: autogit settings set updates.address https://…';
    case 'unknown':
    case 'refused':
      return 'Ask now: autogit update check';
    case 'available':
      return install === null ? null : 'Download it: autogit update download';
    case 'ready':
      return 'Install it: autogit update install';
    case 'installed':
      return 'Start AutoGit again when it suits; jobs go on in their runners.';
    case 'no-key':
    case 'current':
    case 'blocked':
    case 'downloading':
      return null;
  }
}

function factLines({ version, kind, arch, channel, address, check, checkedAt }: Status, view: View): string {
  const rows = [
    ['Version', `${version} (${kind}, ${arch})`],
    [
      'From',
      address === null
        ? 'nowhere'
        : `${address} (${channel}, ${check === 'daily' ? 'asked daily' : 'asked by hand'})`,
    ],
    ['Asked', checkedAt === null ? 'never' : ago(checkedAt, view.now)],
  ];
  return rows
    .map(([name = '', value = '']) => `${paint(name.padEnd(7), 'quiet', view)}  ${clean(value)}\n`)
    .join('');
}

function changelogLines({ available }: Status, view: View): string {
  if (available === null) return '';
  const file =
    available.file === null ? '' : `\n${clean(available.file.name)}, ${megabytes(available.file.size)}\n`;
  const parts = available.changelog.map(({ version, date, text }) => {
    const lines = text.split(/\r?\n/).flatMap((line) => wrap(clean(line), view.width));
    return `\n${paint(`${version}, ${date}`, 'strong', view)}\n${lines.map((line) => `${line}\n`).join('')}`;
  });
  return `${parts.join('')}${file}`;
}

/** `autogit update status`. */
export function renderUpdate(status: Status, view: View): string {
  const next = nextOf(status);
  const { problem, progress } = status;
  return [
    `${paint(clean(status.sentence), toneOf(status.state), view)}\n\n`,
    factLines(status, view),
    progress === null ? '' : `\n${megabytes(progress.received)} of ${megabytes(progress.total)}\n`,
    problem === null ? '' : `\n${paint(clean(problem.message), 'warn', view)}\n${clean(problem.next)}\n`,
    changelogLines(status, view),
    next === null ? '' : `\n${paint(next, 'quiet', view)}\n`,
  ].join('');
}

/** `autogit update watch`: a line for each change. */
export function renderUpdateNews({ sentence, progress }: Status): string {
  const share = progress === null ? '' : ` ${megabytes(progress.received)} of ${megabytes(progress.total)}`;
  return `${clean(sentence)}${share}\n`;
}
