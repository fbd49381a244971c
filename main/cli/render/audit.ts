// The audit log as text.
import type { Output } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { ago } from './text.ts';
import type { View } from './text.ts';

/** `autogit audit list`: newest first. */
export function renderAudit(records: Output<'audit.list'>, view: View): string {
  if (records.length === 0) return 'Nobody has asked AutoGit to change anything yet.\n';
  return renderTable<Output<'audit.list'>[number]>(
    [
      { title: 'REQUEST', cell: ({ request, dryRun }) => (dryRun ? `${request} (dry run)` : request) },
      { title: 'ABOUT', cell: ({ subject }) => subject ?? '' },
      {
        title: 'OUTCOME',
        cell: ({ outcome }) => ({ text: outcome, tone: outcome === 'done' ? 'good' : 'bad' }),
      },
      { title: 'WHEN', cell: ({ at }) => ago(at, view.now) },
      { title: 'DOOR', cell: ({ door }) => door },
    ],
    records,
    view,
  );
}
