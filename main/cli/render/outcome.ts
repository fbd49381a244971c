// What a command did, or would do, as text.
import type { Outcome, Output } from '../../contract/contract.ts';
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

/** As `renderOutcome`, with what changes in the settings and what that does. */
export function renderPoolOutcome(outcome: Output<'pool.set'>, view: View): string {
  const { changes } = outcome;
  if (changes.length === 0) return renderOutcome(outcome, view);
  const table = renderTable<(typeof changes)[number]>(
    [
      { title: outcome.dryRun ? 'WOULD CHANGE' : 'CHANGED', cell: ({ path }) => path },
      { title: 'EFFECT', cell: ({ effect }) => effect },
    ],
    changes,
    view,
  );
  return `${table}\n${renderOutcome(outcome, view)}`;
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
