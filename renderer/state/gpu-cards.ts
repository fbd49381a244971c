// What a card of the Hardware page shows of a graphics card: the row of the list, its slices, its figures, its trouble.
import type { GpuView, Snapshot } from '../../main/contract/snapshot.ts';
import { isTrouble } from '../../main/model/gpu-metrics.ts';
import type { GpuMetrics, GpuProcess, ThrottleReason } from '../../main/model/gpu-metrics.ts';
import { wslUnit } from '../../main/model/gpu.ts';
import type { HardwareSample } from '../../main/model/host-metrics.ts';
import { listed } from './words.ts';
import { count, t } from '../language/strings.ts';

type Issue = Snapshot['issues'][number];

export interface GpuCard {
  readonly view: GpuView;
  /** Parts that are handed out instead of it. */
  readonly slices: readonly GpuView[];
  /** Its figures; of the unit of a WSL2 those of each card in it; none before the first look. */
  readonly metrics: readonly GpuMetrics[];
  readonly issues: readonly Issue[];
}

/** True for a card, and for the slices in it. */
function isAbout({ subject }: Issue, ids: readonly string[]): boolean {
  return ids.some((id) => subject === id || subject.split(/[\s,]+/).includes(id));
}

/** The cards of the list in its order; slices stand in their card, if that is there. */
export function gpuCards(
  gpus: readonly GpuView[],
  sample: Pick<HardwareSample, 'node' | 'gpus'> | null,
  issues: readonly Issue[],
): readonly GpuCard[] {
  const isListed = (id: string): boolean => gpus.some((gpu) => gpu.id === id);
  return gpus
    .filter(({ parent }) => parent === null || !isListed(parent))
    .map((view) => {
      const slices = gpus.filter(({ parent, node }) => parent === view.id && node === view.node);
      const seen = sample === null || sample.node !== view.node ? [] : sample.gpus;
      const metrics = seen.filter(({ id }) => (view.id === wslUnit ? !isListed(id) : id === view.id));
      const ids = [view.id, ...slices.map(({ id }) => id), ...metrics.map(({ id }) => id)];
      return { view, slices, metrics, issues: issues.filter((issue) => isAbout(issue, ids)) };
    });
}

/** Issues of machine and cards that stand at no card: those that are always looked for, then what the doctor adds. */
export function otherHardwareIssues(
  issues: readonly Issue[],
  findings: readonly Issue[],
  cards: readonly GpuCard[],
): readonly Issue[] {
  const told = new Set(cards.flatMap((card) => card.issues));
  const ids = cards.flatMap(({ view, slices }) => [view.id, ...slices.map(({ id }) => id)]);
  const others = issues.filter(
    (one) => /^(gpu|hardware|machine|host|arch)\./.test(one.key) && !told.has(one),
  );
  const isKnown = (one: Issue): boolean =>
    issues.some(({ key, subject }) => key === one.key && subject === one.subject);
  // What the doctor only notes is no trouble of the machine.
  const added = findings.filter((one) => one.severity !== 'info' && !isKnown(one) && !isAbout(one, ids));
  return [...others, ...added];
}

export interface GpuUser {
  readonly key: string;
  /** `job 9 of music/player`, `Ollama`. */
  readonly words: string;
  /** Its number, where it is a job. */
  readonly job: number | null;
  /** Milliseconds since 1970; `null`: not known. */
  readonly since: number | null;
  /** What it holds of the card's memory; `null`: not known. */
  readonly memoryMiB: number | null;
  /** Not one of AutoGit's. */
  readonly isForeign: boolean;
}

/** `null` where one of them is not known: a part is not the sum. */
function memoryOf(processes: readonly GpuProcess[]): number | null {
  const known = processes.flatMap(({ memoryMiB }) => (memoryMiB === null ? [] : [memoryMiB]));
  const isKnown = processes.length > 0 && known.length === processes.length;
  return isKnown ? known.reduce((sum, part) => sum + part, 0) : null;
}

function jobIn(by: string): number | null {
  const digits = /^job (\d+) of /.exec(by)?.[1];
  return digits === undefined ? null : Number(digits);
}

function processesOf({ metrics }: GpuCard): readonly GpuProcess[] {
  return metrics.flatMap(({ processes }) => processes ?? []);
}

/** Who has a card: first those to whom it was given, then programs that are none of AutoGit's, the largest first. */
export function usersOf(card: GpuCard): readonly GpuUser[] {
  const processes = processesOf(card);
  const holders = [card.view, ...card.slices].flatMap(({ holders: own }) => own);
  const given = holders.map(({ by, since }): GpuUser => {
    const job = jobIn(by);
    const runs = processes.filter((process) => process.job !== null && process.job === job);
    return {
      ...{ key: `holder ${by}`, words: by, job, isForeign: false },
      since: since > 0 ? since : null,
      memoryMiB: memoryOf(runs),
    };
  });
  const foreign = processes.filter(({ job, runner }) => job === null && runner === null);
  const groups = [...Map.groupBy(foreign, ({ title, name }) => title ?? name)];
  const others = groups.map(([words, group]): GpuUser => ({
    ...{ key: `program ${words}`, job: null, since: null, isForeign: true },
    words:
      group.length === 1
        ? words
        : t('{{program}} ({{processes}})', {
            program: words,
            processes: count(group.length, '{{n}} process', '{{n}} processes'),
          }),
    memoryMiB: memoryOf(group),
  }));
  return [...given, ...others.toSorted((a, b) => (b.memoryMiB ?? 0) - (a.memoryMiB ?? 0))];
}

/** What there is to say of a card that nobody is known to use: programs that were not looked for may be there. */
export function nobodyWords({ metrics }: GpuCard): string {
  if (metrics.length === 0) return t('No job has it.');
  const blind = metrics.find(({ processes }) => processes === null);
  if (blind === undefined) return t('Nobody uses it.');
  const { processes: why } = blind.unknown;
  return why === undefined
    ? t('No job has it; other programs are not known.')
    : t('No job has it; other programs are not known: {{reason}}.', { reason: why });
}

/** For whom a card could be kept: a program of its owner that has most of its memory; `null`: there is none. */
export function keeperOf(card: GpuCard): string | null {
  const known = processesOf(card).filter(
    ({ app, title }) => app !== null && app !== 'desktop' && title !== null,
  );
  return known.toSorted((a, b) => (b.memoryMiB ?? 0) - (a.memoryMiB ?? 0))[0]?.title ?? null;
}

const throttleWords: Readonly<Record<ThrottleReason, string>> = {
  'power-cap': t('its power limit'),
  heat: t('heat'),
  'power-brake': t('a power brake from outside'),
  hardware: t('its hardware'),
  sync: t('keeping step with other cards'),
  application: t('clocks that somebody has set'),
};

export interface Slowness {
  readonly words: string;
  readonly isTrouble: boolean;
}

/** `Slower because of heat`; `null`: nothing slows it down, or nobody can tell. */
export function slownessOf({ throttle }: GpuMetrics): Slowness | null {
  if (throttle === null || throttle.length === 0) return null;
  return {
    words: t('Slower because of {{reasons}}', {
      reasons: listed(throttle.map((reason) => throttleWords[reason])),
    }),
    isTrouble: throttle.some(isTrouble),
  };
}

/** The temperature that its maker judges it by: of its edge, or of the hottest point where only that is told. */
export function celsiusOf(metrics: GpuMetrics | undefined, view: Pick<GpuView, 'celsius'>): number | null {
  return metrics?.edgeCelsius ?? metrics?.junctionCelsius ?? metrics?.memoryCelsius ?? view.celsius;
}
