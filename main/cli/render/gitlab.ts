// A GitLab that was looked at as text: what it is, what is wrong with it, what changes.
import type { Output } from '../../contract/contract.ts';
import { renderFinding } from './doctor.ts';
import { renderPoolOutcome } from './outcome.ts';
import { renderTable } from './table.ts';
import type { View } from './text.ts';

type Connected = Output<'gitlab.connect'>;

function dayOf(at: number | null): string {
  return at === null ? 'never' : new Date(at).toISOString().slice(0, 10);
}

/** `autogit gitlab connect`. */
export function renderConnected(connected: Connected, view: View): string {
  const { found, findings } = connected;
  const rows: readonly (readonly [string, string])[] = [
    ['version', found.version],
    ['token of', `${found.username}${found.admin ? ', an administrator' : ''}`],
    ['scopes', found.scopes.join(', ')],
    ['token ends', dayOf(found.expiresAt)],
    ['runners ask', found.runnerUrl],
  ];
  const table = renderTable<(typeof rows)[number]>(
    [
      { title: 'GITLAB', cell: ([name]) => name },
      { title: '', cell: ([, value]) => value },
    ],
    rows,
    view,
  );
  return [
    `${table}\n`,
    ...findings.map((finding) => `${renderFinding({ ...finding, subject: 'GitLab' }, view)}\n`),
    renderPoolOutcome(connected, view),
  ].join('');
}
