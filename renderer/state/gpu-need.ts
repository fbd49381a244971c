// The GPUs that a pool asks for: as one text, as requests take it, and in parts, as a form shows them.
import type { GpuNeed } from '../../main/model/gpu.ts';
import { gigabytes } from './words.ts';
import { t } from './strings.ts';

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

const holds: Readonly<Record<string, (parts: GpuParts) => string>> = {
  shared: ({ jobsPerCard }) => t(', shared by at most {{jobsPerCard}} runners', { jobsPerCard }),
  fraction: ({ fractionMiB }) => t(', {{size}} of its memory', { size: gigabytes(Number(fractionMiB)) }),
};

/** `1 NVIDIA GPU with at least 16.8 GB, for it alone`; for a reader. */
export function gpuWords(text: string): string {
  if (text === '') return 'none';
  const parts = splitGpuText(text);
  const vendor = parts.vendor === '' ? '' : `${vendorWords(parts.vendor)} `;
  const memory =
    parts.memoryMiB === '' ? '' : t(' with at least {{size}}', { size: gigabytes(Number(parts.memoryMiB)) });
  const how = holds[parts.mode]?.(parts) ?? t(', for itself alone');
  return t('{{number}} {{vendor}}GPU{{words}}{{memory}}{{how}}', {
    number: parts.count,
    vendor,
    words: parts.count === '1' ? '' : 's',
    memory,
    how,
  });
}

/** `NVIDIA`. */
export function vendorWords(vendor: string): string {
  return vendor === 'intel' ? t('Intel') : vendor.toUpperCase();
}
