// Disks and graphics cards of a machine as tables, with what is not known of them and what is wrong with them below.
import type { Output } from '../../contract/contract.ts';
import { renderFinding } from './doctor.ts';
import { amount, enumerated } from './machine-words.ts';
import type { Reasons } from './machine-words.ts';
import { renderPairs, renderTable } from './table.ts';
import { gigabytes, paint, wrap } from './text.ts';
import type { View } from './text.ts';

type Machine = Output<'machine.detect'>;
type Disk = NonNullable<Machine['host']['disks']>[number];
type Gpu = Machine['gpus'][number];

const unknown = 'not known';

/** A line below a table, in as many lines as it needs. */
function note(text: string, view: View): string {
  return wrap(text, Math.max(8, view.width))
    .map((line) => `${paint(line, 'quiet', view)}\n`)
    .join('');
}

const isOfDisk = (path: string): boolean => /^host\.disks\.\d/.test(path);

/** A disk without its kind or its size has its reason below. */
export function renderDisks(disks: readonly Disk[], reasons: Reasons, view: View): string {
  const table = renderTable<Disk>(
    [
      { title: 'DISK', cell: ({ mount }) => mount },
      { title: 'FREE', cell: ({ freeBytes }) => amount(freeBytes) ?? unknown },
      { title: 'SIZE', cell: ({ totalBytes }) => amount(totalBytes) ?? unknown },
      { title: 'KIND', cell: ({ ssd }) => (ssd === null ? unknown : ssd ? 'SSD' : 'hard disk') },
      { title: 'FILES', cell: ({ fileSystem, readOnly }) => `${fileSystem}${readOnly ? ', read-only' : ''}` },
      { title: 'DEVICE', cell: ({ device }) => device },
    ],
    disks,
    view,
  );
  const paths = Object.keys(reasons).filter(isOfDisk);
  const whys = new Set(paths.map((path) => reasons[path]));
  return table + [...whys].map((why) => note(`Not known: ${why}.`, view)).join('');
}

/** What keeps containers from cards, where no issue says it: each once, with the cards that have it and what mends it. */
function renderTroubles({ gpus, issues }: Machine, view: View): readonly string[] {
  const troubles = new Map<string, { readonly why: string; readonly fix: string; readonly cards: Gpu[] }>();
  for (const gpu of gpus) {
    if (gpu.use.usable) continue;
    const { why, fix } = gpu.use;
    if (issues.some(({ message }) => message.includes(why))) continue;
    const trouble = troubles.get(`${why}\n${fix}`) ?? { why, fix, cards: [] };
    trouble.cards.push(gpu);
    troubles.set(`${why}\n${fix}`, trouble);
  }
  return [...troubles.values()].map(({ why, fix, cards }) => {
    const models = enumerated([...new Set(cards.map(({ model }) => model))]);
    const message = ended(`Containers cannot have ${models}: ${why}`);
    return renderFinding({ severity: 'error', message, next: ended(fix) }, view);
  });
}

function ended(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

function cardsTable({ gpus, issues }: Machine, view: View): string {
  if (gpus.length === 0)
    return renderPairs(
      [['GPU', issues.length === 0 ? 'none was found' : { text: unknown, tone: 'warn' }]],
      view,
    );
  return renderTable<Gpu>(
    [
      { title: 'GPU', cell: ({ model, parent }) => `${parent === null ? '' : '  '}${model}` },
      { title: 'MEMORY', cell: ({ memoryMiB }) => (memoryMiB === null ? unknown : gigabytes(memoryMiB)) },
      {
        title: 'CONTAINERS',
        cell: ({ use }) =>
          use.usable ? { text: 'can use it', tone: 'good' } : { text: 'cannot', tone: 'bad' },
      },
      { title: 'ID', cell: ({ id }) => id },
    ],
    gpus,
    view,
  );
}

/** Cards, and below them what is wrong. Where none was found and something is wrong, nobody knows whether there are any. */
export function renderCards(machine: Machine, view: View): string {
  const issues = machine.issues.map((issue) => renderFinding(issue, view));
  return [cardsTable(machine, view), ...renderTroubles(machine, view), ...issues].join('\n');
}
