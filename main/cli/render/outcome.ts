// What a command did, or would do, as text.
import type { Outcome } from '../../contract/contract.ts';
import { renderTable } from './table.ts';
import { clean, paint, wrap } from './text.ts';
import type { View } from './text.ts';

/** The message, the plan of a dry run, and on the last line what to do now. */
export function renderOutcome(outcome: Outcome, view: View): string {
  const lines = wrap(clean(outcome.message), view.width).map((line) => `${line}\n`);
  const plan =
    outcome.dryRun && outcome.actions.length > 0 ? `\n${renderActions(outcome.actions, view)}` : '';
  const last = outcome.dryRun ? 'Nothing was changed.' : outcome.next;
  const next =
    last === null ? [] : wrap(clean(last), view.width).map((line) => `${paint(line, 'quiet', view)}\n`);
  return [...lines, plan, ...next].join('');
}

function renderActions(actions: Outcome['actions'], view: View): string {
  const table = renderTable<Outcome['actions'][number]>(
    [
      { title: 'WOULD', cell: (action) => action.kind },
      { title: 'TARGET', cell: (action) => action.target },
      { title: 'BECAUSE', cell: (action) => action.reason },
    ],
    actions,
    view,
  );
  return `${table}\n`;
}
