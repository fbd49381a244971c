// Graphics cards as text.
import type { GpuView } from '../../contract/snapshot.ts';
import { renderTable } from './table.ts';
import { ago, clean, gigabytes, paint, wrap } from './text.ts';
import type { Tone, View } from './text.ts';

const tones: Readonly<Record<GpuView['state'], Tone>> = {
  free: 'good',
  'in-use': 'strong',
  reserved: 'quiet',
  foreign: 'warn',
  drained: 'bad',
  divided: 'quiet',
  unusable: 'bad',
  unknown: 'warn',
};

function holdersOf({ holders }: GpuView, view: View): string {
  return holders.map(({ by, since }) => (since === 0 ? by : `${by}, ${ago(since, view.now)}`)).join('; ');
}

/** `autogit gpu list`: one line for each, and below it who has it or what is in the way. */
export function renderGpus(gpus: readonly GpuView[], view: View): string {
  if (gpus.length === 0) return 'No GPU is seen on this machine.\n';
  const table = renderTable<GpuView>(
    [
      { title: 'GPU', cell: ({ model }) => model },
      { title: 'STATE', cell: ({ state }) => ({ text: state.replaceAll('-', ' '), tone: tones[state] }) },
      { title: 'MEMORY', cell: ({ memoryMiB }) => (memoryMiB === null ? '-' : gigabytes(memoryMiB)) },
      { title: 'HEAT', cell: ({ celsius }) => (celsius === null ? '-' : `${celsius} °C`) },
      { title: 'ID', cell: ({ id }) => id },
      { title: 'NODE', cell: ({ node }) => node },
    ],
    gpus,
    view,
  );
  const [head = '', ...lines] = table.trimEnd().split('\n');
  const below = (gpu: GpuView): string => {
    const text = gpu.holders.length > 0 ? holdersOf(gpu, view) : (gpu.why ?? '');
    return wrap(clean(text), Math.max(10, view.width - 2))
      .map((line) => `  ${paint(line, 'quiet', view)}\n`)
      .join('');
  };
  return [`${head}\n`, ...gpus.map((gpu, index) => `${lines[index] ?? ''}\n${below(gpu)}`)].join('');
}
