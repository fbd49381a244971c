// The GPUs that a pool asks for: as one text, as requests take it, and in parts, as a form shows them.
import type { GpuNeed } from '../../main/model/gpu.ts';
import { gigabytes } from './words.ts';
import { count, t } from '../language/strings.ts';

/** What a form asks, as it is typed. `count` is `0` for none. */
export interface GpuParts {
  readonly count: string;
  /** Empty: any. */
  readonly vendor: string;
  /** Empty: however much it has. */
  readonly memoryMiB: string;
  readonly mode: string;
  readonly jobsPerCard: string;
  readonly fractionMiB: string;
}

const none: GpuParts = {
  count: '0',
  vendor: '',
  memoryMiB: '',
  mode: 'exclusive',
  jobsPerCard: '4',
  fractionMiB: '',
};

/** `count=1,vendor=nvidia`; empty for none. Parts that do not matter are left out. */
export function joinGpuParts(parts: GpuParts): string {
  const { count, vendor, memoryMiB, mode, jobsPerCard, fractionMiB } = parts;
  if (count.trim() === '' || count.trim() === '0') return '';
  const named = [
    ['count', count],
    ['vendor', vendor],
    ['memoryMiB', memoryMiB],
    ['mode', mode === 'exclusive' ? '' : mode],
    ['jobsPerCard', mode === 'shared' ? jobsPerCard : ''],
    ['fractionMiB', mode === 'fraction' ? fractionMiB : ''],
  ] as const;
  return named
    .map(([name, value]) => [name, value.trim()] as const)
    .filter(([, value]) => value !== '')
    .map((pair) => pair.join('='))
    .join(',');
}

/** Reads what `joinGpuParts` gives, and a number of cards alone. */
export function splitGpuText(text: string): GpuParts {
  if (text === '') return none;
  const given = new Map(
    text.split(',').map((part) => {
      const [name = '', value] = part.split('=');
      return value === undefined ? (['count', name] as const) : ([name, value] as const);
    }),
  );
  return {
    count: given.get('count') ?? '1',
    vendor: given.get('vendor') ?? none.vendor,
    memoryMiB: given.get('memoryMiB') ?? none.memoryMiB,
    mode: given.get('mode') ?? none.mode,
    jobsPerCard: given.get('jobsPerCard') ?? none.jobsPerCard,
    fractionMiB: given.get('fractionMiB') ?? none.fractionMiB,
  };
}

/** What a pool has, as text. */
export function gpuText(need: GpuNeed): string {
  return joinGpuParts({
    count: String(need.count),
    vendor: need.vendor ?? '',
    memoryMiB: need.memoryMiB === null ? '' : String(need.memoryMiB),
    mode: need.mode,
    jobsPerCard: String(need.jobsPerCard),
    fractionMiB: need.fractionMiB === null ? '' : String(need.fractionMiB),
  });
}

/** The setting that a text stands for, not yet checked. */
export function gpuNeedOf(text: string): object | null {
  if (text === '') return null;
  const { count, vendor, memoryMiB, mode, jobsPerCard, fractionMiB } = splitGpuText(text);
  const amount = (given: string): number | null => (given === '' ? null : Number(given));
  return {
    count: Number(count),
    vendor: vendor === '' ? null : vendor,
    memoryMiB: amount(memoryMiB),
    mode,
    jobsPerCard: Number(jobsPerCard),
    fractionMiB: amount(fractionMiB),
  };
}

/** `2 NVIDIA GPUs`. */
function cardsWords({ count: text, vendor }: GpuParts): string {
  const cards = Number(text);
  switch (vendor) {
    case 'nvidia':
      return count(cards, '{{n}} NVIDIA GPU', '{{n}} NVIDIA GPUs');
    case 'amd':
      return count(cards, '{{n}} AMD GPU', '{{n}} AMD GPUs');
    case 'intel':
      return count(cards, '{{n}} Intel GPU', '{{n}} Intel GPUs');
    default:
      return count(cards, '{{n}} GPU', '{{n}} GPUs');
  }
}

function sharedWords(gpus: string, memory: string | null, mostRunners: number): string {
  const runners = count(mostRunners, '{{n}} runner', '{{n}} runners');
  return memory === null
    ? t('{{gpus}}, shared by at most {{runners}}', { gpus, runners })
    : t('{{gpus}} with at least {{memory}}, shared by at most {{runners}}', { gpus, memory, runners });
}

function fractionWords(gpus: string, memory: string | null, share: string): string {
  return memory === null
    ? t('{{gpus}}, {{share}} of its memory', { gpus, share })
    : t('{{gpus}} with at least {{memory}}, {{share}} of its memory', { gpus, memory, share });
}

/** `1 NVIDIA GPU with at least 16.8 GB, for itself alone`; for a reader. */
export function gpuWords(text: string): string {
  if (text === '') return t('none');
  const parts = splitGpuText(text);
  const gpus = cardsWords(parts);
  const memory = parts.memoryMiB === '' ? null : gigabytes(Number(parts.memoryMiB));
  if (parts.mode === 'shared') return sharedWords(gpus, memory, Number(parts.jobsPerCard));
  if (parts.mode === 'fraction') return fractionWords(gpus, memory, gigabytes(Number(parts.fractionMiB)));
  return memory === null
    ? t('{{gpus}}, for itself alone', { gpus })
    : t('{{gpus}} with at least {{memory}}, for itself alone', { gpus, memory });
}

/** `NVIDIA`. */
export function vendorWords(vendor: string): string {
  return vendor === 'intel' ? 'Intel' : vendor.toUpperCase();
}
