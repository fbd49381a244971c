// Processors as text.
import type { Output } from '../../contract/contract.ts';
import type { ArchitectureView } from '../../contract/snapshot.ts';
import { renderOutcome } from './outcome.ts';
import { renderTable } from './table.ts';
import { ago, clean, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

const tones: Readonly<Record<ArchitectureView['state'], Tone>> = {
  native: 'good',
  qemu: 'good',
  broken: 'bad',
  missing: 'quiet',
  unknown: 'warn',
};

function stateOf({ state, usable }: ArchitectureView): { readonly text: string; readonly tone: Tone } {
  if (state === 'qemu' && !usable) return { text: 'untried', tone: 'warn' };
  return { text: state === 'qemu' ? 'emulated' : state, tone: tones[state] };
}

function probeOf({ probe }: ArchitectureView, view: View): string {
  if (probe === null) return '-';
  return `${probe.machine ?? 'failed'}, ${ago(probe.at, view.now)}`;
}

function handlerOf({ handler }: ArchitectureView): string {
  return handler === null ? '-' : `${handler.name} ${handler.flags}`.trim();
}

/** `autogit arch list`: one line for each, and below those that pools ask for, or that fail, why and what to do. */
export function renderArchitectures(rows: readonly ArchitectureView[], view: View): string {
  if (rows.length === 0) return 'No container engine has been looked at yet.\n';
  const table = renderTable<ArchitectureView>(
    [
      { title: 'PROCESSOR', cell: ({ architecture }) => architecture },
      { title: 'STATE', cell: stateOf },
      { title: 'SAYS', cell: (row) => probeOf(row, view) },
      { title: 'EMULATOR', cell: handlerOf },
      { title: 'POOLS', cell: ({ pools }) => (pools.length === 0 ? '-' : pools.join(', ')) },
      { title: 'NODE', cell: ({ node }) => node },
    ],
    rows,
    view,
  );
  const [head = '', ...lines] = table.trimEnd().split('\n');
  const below = (row: ArchitectureView): string => {
    const matters = row.pools.length > 0 || row.state === 'broken';
    const text = row.reason === null ? row.slowdown : `${row.reason} ${row.fix ?? ''}`;
    if (!matters || text === null) return '';
    return wrap(clean(text), Math.max(10, view.width - 2))
      .map((line) => `  ${paint(line, 'quiet', view)}\n`)
      .join('');
  };
  return [`${head}\n`, ...rows.map((row, index) => `${lines[index] ?? ''}\n${below(row)}`)].join('');
}

/** What a command about processors did, below how it stands with them. */
export function renderArchOutcome(outcome: Output<'arch.test'>, view: View): string {
  return `${renderArchitectures(outcome.architectures, view)}\n${renderOutcome(outcome, view)}`;
}

/** `autogit arch ci`: the file alone, to be written where it belongs. */
export function renderArchCi({ file }: Output<'arch.ci'>): string {
  return file;
}
