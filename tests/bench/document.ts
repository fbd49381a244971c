// Renders what was measured: as one JSON document, and as the tables of docs/performance.md. Pure.
import { failsRun, round, summarize, verdictOf } from './frame.ts';
import type { Budget, Outcome, Summary, Verdict } from './frame.ts';
import type { Machine } from './machine.ts';

export interface Measured {
  readonly name: string;
  readonly outcome: Outcome;
}

interface MeasureDocument {
  readonly name: string;
  readonly samples: readonly Summary[];
  readonly budgets: readonly (Budget & { readonly verdict: Verdict })[];
  readonly notes: readonly string[];
}

export interface BenchDocument {
  /** `2026-01-31`. */
  readonly date: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly measures: readonly MeasureDocument[];
  readonly missed: readonly string[];
  /** False when a ratio misses its budget and nothing explains it. */
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
        verdict: verdictOf(budget),
      })),
      notes: outcome.notes,
    })),
    missed: budgets.filter((budget) => verdictOf(budget) === 'missed').map(({ what }) => what),
    ok: !budgets.some(failsRun),
  };
}

const amount = (value: number, unit: string): string =>
  unit === 'x' ? `${value}x` : `${value.toLocaleString('en-US')} ${unit}`;

/** Markdown, a section for each measure: when and on what, what was measured, the budgets, and the notes. */
export function renderSections(document: BenchDocument): ReadonlyMap<string, string> {
  return new Map(document.measures.map((measure) => [measure.name, renderSection(measure, document)]));
}

function renderSection(
  { name, samples, budgets, notes }: MeasureDocument,
  { date, machine, rounds }: BenchDocument,
): string {
  const engine = machine.engine === null ? '' : `, ${machine.engine}`;
  const rows = samples.map(
    (one) =>
      `| ${one.what} | ${amount(one.median, one.unit)} | ${amount(one.p95, one.unit)} | ${one.rounds} |`,
  );
  const verdicts = budgets.map((one) => {
    const sign = one.better === 'lower' ? '<=' : '>=';
    const verdict = one.verdict === 'met' ? 'met' : `**${one.verdict}**`;
    return `| ${one.what} | ${sign} ${amount(one.limit, one.unit)} | ${amount(one.measured, one.unit)} | ${verdict} |`;
  });
  const reasons = budgets.flatMap(({ what, verdict, because }) =>
    verdict === 'explained' ? [`${what}: ${because}`] : [],
  );
  const lines = [...notes, ...reasons].map((line) => `- ${line}`);
  return [
    `### ${name}`,
    '',
    `${date}, ${machine.processor}, ${machine.processors} processors, ${machine.memoryGb} GB, ${machine.system}, Node ${machine.node}${engine}; ${rounds} rounds, load ${machine.load} before.`,
    ...['', '| what | median | p95 | samples |', '| --- | --- | --- | --- |', ...rows],
    ...(verdicts.length === 0
      ? []
      : ['', '| budget | limit | measured | |', '| --- | --- | --- | --- |', ...verdicts]),
    ...(lines.length === 0 ? [] : ['', ...lines]),
  ].join('\n');
}

const begin = '<!-- bench: begin -->';
const end = '<!-- bench: end -->';
const heading = /^### (.+)$/m;

/**
 * The page with these sections between its marks, in this order; those of other measures stay as they are. Throws for a
 * page without marks.
 */
export function replaceSections(
  page: string,
  sections: ReadonlyMap<string, string>,
  order: readonly string[],
): string {
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from === -1 || to < from) throw new Error(`the page has no marks ${begin} and ${end}`);
  const known = page
    .slice(from + begin.length, to)
    .split(/^(?=### )/m)
    .flatMap((text) => {
      const name = heading.exec(text)?.[1];
      return name === undefined ? [] : [[name, text.trim()] as const];
    });
  const all = new Map([...known, ...sections]);
  const body = order.flatMap((name) => all.get(name) ?? []).join('\n\n');
  return `${page.slice(0, from + begin.length)}\n\n${body}\n\n${page.slice(to)}`;
}
