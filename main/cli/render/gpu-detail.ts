// One graphics card in detail as text: what it is, what containers need to use it, and what nobody could tell.
import type { Output } from '../../contract/contract.ts';
import { assertNever } from '../../model/assert.ts';
import { renderPairs, renderTable } from './table.ts';
import { gigabytes } from './text.ts';
import type { Tone, View } from './text.ts';

type Detail = Output<'gpu.show'>;
type Step = Detail['containers']['steps'][number];
type Pair = readonly [string, string];

const forms: Readonly<Record<Detail['form'], string>> = {
  card: 'a card',
  integrated: 'graphics inside the processor',
  unified: "with the machine's own memory",
  slice: 'a slice of a card',
  unit: 'all cards of this WSL2',
};
const stepTones: Readonly<Record<Step['state'], Tone>> = { ok: 'good', missing: 'bad', unknown: 'warn' };

/** `autogit gpu show`. What does not exist for such a card is left out; what nobody could tell stands below. */
export function renderGpuDetail(detail: Detail, view: View): string {
  const { containers, unknown, slices } = detail;
  const steps = renderTable<Step>(
    [
      { title: 'CONTAINERS NEED', cell: ({ name }) => name },
      { title: 'STATE', cell: ({ state }) => ({ text: state, tone: stepTones[state] }) },
      { title: 'SEEN', cell: ({ says }) => says },
    ],
    containers.steps,
    view,
  );
  const untold = renderTable<Detail['unknown'][number]>(
    [
      { title: 'NOT KNOWN', cell: ({ what }) => what },
      { title: 'WHY', cell: ({ why }) => why },
    ],
    unknown,
    view,
  );
  return [
    renderPairs([...basics(detail), ...makerPairs(detail.maker), ...handout(detail)], view),
    ...(slices.length === 0 ? [] : [renderSlices(slices, view)]),
    ...(containers.steps.length === 0 ? [] : [steps]),
    ...(unknown.length === 0 ? [] : [untold]),
  ].join('\n');
}

function pair(name: string, value: string | number | null): readonly Pair[] {
  return value === null ? [] : [[name, String(value)]];
}

function yesNo(value: boolean | null): string | null {
  return value === null ? null : value ? 'yes' : 'no';
}

function basics({
  id,
  model,
  form,
  cards,
  parent,
  memory,
  driver,
  firmware,
  bus,
  files,
}: Detail): readonly Pair[] {
  const words = [driver.name, driver.version].filter((word) => word !== null).join(' ');
  const link = [bus.lanes === null ? null : `${bus.lanes} lanes`, bus.speed].filter((word) => word !== null);
  const used = memory.usedMiB === null ? '' : `, ${gigabytes(memory.usedMiB)} in use`;
  return [
    ['GPU', model],
    ['Id', id],
    ['Kind', cards > 1 ? `${forms[form]}: ${cards}` : forms[form]],
    ...pair('Belongs to', parent),
    ...pair('Memory', memory.totalMiB === null ? null : `${gigabytes(memory.totalMiB)}${used}`),
    ...pair('Driver', words === '' ? null : words),
    ...pair('Firmware', firmware),
    ...pair('Address', bus.address),
    ...pair('Device', bus.device),
    ...pair('Link now', link.length === 0 ? null : link.join(', ')),
    ...pair('NUMA node', bus.numaNode),
    ...pair(
      'Files',
      files.length === 0 ? null : files.map(({ path, group }) => `${path} (group ${group})`).join(', '),
    ),
  ];
}

const divisions = { on: 'divided', off: 'off', none: 'not possible' } as const;

function makerPairs(maker: Detail['maker']): readonly Pair[] {
  switch (maker.vendor) {
    case 'nvidia':
      return [
        ...pair('CUDA', maker.cuda),
        ...pair('Compute', maker.computeCapability),
        ...pair('Architecture', maker.architecture),
        ...pair('MIG', maker.mig === null ? null : divisions[maker.mig]),
        ...pair('Persistence', yesNo(maker.persistence)),
        ...pair('ECC', yesNo(maker.ecc)),
        ...pair('Driver model', maker.driverModel),
        ...pair('Screen', yesNo(maker.display)),
        ...pair('Module', maker.module),
        ...pair('Asks for', maker.recovery === 'None' ? null : maker.recovery),
      ];
    case 'amd':
      return [
        ...pair('Target', maker.target),
        ...pair('Compute units', maker.computeUnits),
        ...pair('KFD node', maker.kfdNode),
        ...pair(
          'Partitions',
          [maker.computePartition, maker.memoryPartition].filter((one) => one !== null).join(', ') || null,
        ),
        ...pair('Unique id', maker.uniqueId),
        ...pair('UUID', maker.uuid),
      ];
    case 'intel':
      return [
        ...pair('Tiles', maker.tiles),
        ...pair('Highest clock', maker.maxMhz === null ? null : `${maker.maxMhz} MHz`),
        ...pair('ECC', yesNo(maker.ecc)),
        ...pair('UUID', maker.uuid),
      ];
    default:
      return assertNever(maker);
  }
}

const ways = { cdi: 'by its CDI name', nvidia: "by NVIDIA's runtime", files: 'by its device files' } as const;

function handout({ containers: { usable, way, why, fix, asks } }: Detail): readonly Pair[] {
  if (usable)
    return [['Containers', way === null ? 'can use it' : `can use it, ${ways[way]}: ${asks.join(', ')}`]];
  return [['Containers', `cannot use it${why === null ? '' : `: ${why}`}`], ...pair('Next', fix)];
}

function renderSlices(slices: Detail['slices'], view: View): string {
  return renderTable<Detail['slices'][number]>(
    [
      { title: 'SLICE', cell: ({ model }) => model },
      { title: 'MEMORY', cell: ({ memoryMiB }) => (memoryMiB === null ? '-' : gigabytes(memoryMiB)) },
      { title: 'ID', cell: ({ id }) => id },
    ],
    slices,
    view,
  );
}
