// Renders what was measured: as one JSON document, and as the table of docs/performance.md. Pure.
import { failsRun, isMet, round, summarize } from './frame.ts';
import type { Budget, Outcome, Summary } from './frame.ts';
import type { Machine } from './machine.ts';

export interface Measured {
  readonly name: string;
  readonly outcome: Outcome;
}

export interface BenchDocument {
  /** `2026-01-31`. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly measures: readonly {
    readonly name: string;
    readonly samples: readonly Summary[];
    readonly budgets: readonly (Budget & { readonly met: boolean })[];
    readonly notes: readonly string[];
  }[];
  readonly missed: readonly string[];
  /** False when a ratio misses its budget. */
  readonly ok: boolean;
}

export function makeDocument(
  measured: readonly Measured[],
  facts: Pick<BenchDocument, 'date' | 'machine' | 'rounds'>,
): BenchDocument {
  const budgets = measured.flatMap(({ outcome }) => outcome.budgets);
  return {
    ...facts,
    measures: measured.map(({ name, outcome }) => ({
      name,
      samples: outcome.samples.map(summarize),
      budgets: outcome.budgets.map((budget) => ({
        ...budget,
        measured: round(budget.measured),
        met: isMet(budget),
      })),
      notes: outcome.notes,
    })),
    missed: budgets.filter((budget) => !isMet(budget)).map(({ what }) => what),
    ok: !budgets.some(failsRun),
  };
}

const amount = (value: number, unit: string): string =>
  unit === 'x' ? `${value}x` : `${value.toLocaleString('en-US')} ${unit}`;

/** Markdown: a table of what was measured, a table of budgets, and the notes. */
export function renderTable({ date, machine, rounds, measures }: BenchDocument): string {
  const rows = measures.flatMap(({ name, samples }) =>
    samples.map(
      (one) =>
        `| ${name} | ${one.what} | ${amount(one.median, one.unit)} | ${amount(one.p95, one.unit)} | ${one.rounds} |`,
    ),
  );
  const budgets = measures.flatMap(({ budgets: list }) =>
    list.map((one) => {
      const sign = one.better === 'lower' ? '<=' : '>=';
      return `| ${one.what} | ${sign} ${amount(one.limit, one.unit)} | ${amount(one.measured, one.unit)} | ${one.met ? 'met' : '**missed**'} |`;
    }),
  );
  const notes = measures.flatMap(({ name, notes: list }) => list.map((note) => `- ${name}: ${note}`));
  return [
    `${date}, ${machine.processor}, ${machine.processors} processors, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}${machine.engine === null ? '' : `, ${machine.engine}`}; ${rounds} rounds, load ${machine.load} before.`,
    '',
    '| measure | what | median | p95 | samples |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
    '| budget | limit | measured | |',
    '| --- | --- | --- | --- |',
    ...budgets,
    ...(notes.length === 0 ? [] : ['', ...notes]),
  ].join('\n');
}

const begin = '<!-- bench: begin -->';
const end = '<!-- bench: end -->';

/** The page with another table between its marks. Throws for a page without them. */
export function replaceTable(page: string, table: string): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`the page has no marks ${begin} and ${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}
