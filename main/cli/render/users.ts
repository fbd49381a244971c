// People of the lab, for people.
import type { Output } from '../../contract/contract.ts';
import { renderOutcome } from './outcome.ts';
import { renderQr } from './qr.ts';
import { renderPairs, renderTable } from './table.ts';
import type { Cell } from './table.ts';
import { clean, paint, wrap } from './text.ts';
import type { View } from './text.ts';

type List = Output<'user.list'>;
type User = List['users'][number];
type Access = Pick<Output<'user.reset'>, 'password' | 'totp'>;

function lines(text: string, view: View): string {
  return wrap(clean(text), view.width)
    .map((line) => `${line}\n`)
    .join('');
}

function nameCell({ name, disabled, admin }: User): Cell {
  if (disabled) return { text: `${name} (not let in)`, tone: 'quiet' };
  return admin ? { text: `${name} *`, tone: 'strong' } : { text: name };
}

function factorsCell({ factors }: User): Cell {
  if (factors === 'unknown') return { text: 'not known', tone: 'quiet' };
  return factors.length === 0 ? { text: 'none', tone: 'quiet' } : { text: factors.join(', '), tone: 'good' };
}

function gitlabCell({ gitlab, name }: User): Cell {
  const { state, username } = gitlab;
  const who = username === null || username === name ? '' : ` as ${username}`;
  switch (state) {
    case 'active':
      return { text: `active${who}`, tone: 'good' };
    case 'blocked':
      return { text: `blocked${who}`, tone: 'warn' };
    case 'missing':
      return { text: 'no account', tone: 'warn' };
    case 'unknown':
      return { text: 'not known', tone: 'quiet' };
  }
}

/** `autogit user list`. */
export function renderUsers({ sentence, users, gitlabProblem }: List, view: View): string {
  const head = lines(sentence, view);
  const problem =
    gitlabProblem === null ? '' : lines(`What GitLab knows of them is not known: ${gitlabProblem}`, view);
  if (users.length === 0) return head + problem;
  const table = renderTable<User>(
    [
      { title: 'NAME', cell: nameCell },
      { title: 'E-MAIL', cell: ({ email }) => email || '-' },
      { title: 'GITLAB', cell: gitlabCell },
      { title: 'SECOND FACTOR', cell: factorsCell },
      { title: 'GROUPS', cell: ({ groups }) => (groups.length === 0 ? '-' : groups.join(', ')) },
    ],
    users,
    view,
  );
  const open = users.flatMap(({ name, differences }) =>
    differences.map((sentence) => `${name}: ${sentence}`),
  );
  const legend = users.some(({ admin }) => admin) ? paint('* administrates\n', 'quiet', view) : '';
  const apart = open.length === 0 ? '' : `\n${open.map((line) => lines(line, view)).join('')}`;
  return `${head}\n${table}${legend}${problem === '' ? '' : `\n${problem}`}${apart}`;
}

/** What is shown once; the message and what to do next stand below it, where a terminal ends. */
function renderAccess({ password, totp }: Access, view: View): string {
  if (password === null && totp === null) return '';
  const pairs = renderPairs(
    [
      ...(password === null ? [] : [['Password', { text: password, tone: 'strong' }] as const]),
      ...(totp === null ? [] : [['One-time password', { text: totp.secret, tone: 'strong' }] as const]),
    ],
    view,
  );
  const qr = totp === null ? '' : renderQr(totp.qr, view);
  // In one line however narrow the terminal is: it is there to be copied.
  const uri = totp === null ? '' : `${clean(totp.uri)}\n`;
  return `${pairs}${uri}${qr === '' ? '' : `\n${qr}\n`}${paint('Shown once: nobody can show it again.\n', 'warn', view)}\n`;
}

/** `autogit user add`. */
export function renderNewUser(value: Output<'user.add'>, view: View): string {
  return renderAccess(value, view) + renderOutcome(value, view);
}

/** `autogit user reset`. */
export function renderResetUser(value: Output<'user.reset'>, view: View): string {
  return renderAccess(value, view) + renderOutcome(value, view);
}
