// Everything that can be gone to or done from the page, found by a few letters.
import type { JobView, Snapshot } from '../../main/contract/snapshot.ts';
import { backUpDeed, proveNewestDeed } from './backup-deeds.ts';
import type { Deed } from './deeds.ts';
import { demoDeed, drainLab, refreshQueue, resumeLab, startSandbox, stopSandbox } from './deeds.ts';
import type { PageName, Route } from './route.ts';
import {
  cancelJobDeed,
  deedOf,
  drainRunnerDeed,
  pausePoolDeed,
  provePoolDeed,
  resumePoolDeed,
  retryJobDeed,
} from './row-deeds.ts';
import { t } from '../language/strings.ts';
import { runnerLooks } from './tones.ts';

export type PaletteKind =
  'page' | 'deed' | 'pool' | 'job' | 'runner' | 'gpu' | 'service' | 'person' | 'setting';

export interface PaletteItem {
  readonly id: string;
  readonly kind: PaletteKind;
  readonly label: string;
  /** Quiet words beside it, which are found too. */
  readonly hint: string;
  /** A deed shows its plan first. */
  readonly does:
    | { readonly go: Partial<Route> & Pick<Route, 'page'> }
    | { readonly ask: Deed }
    | { readonly show: 'keys' };
}

export const kindWords: Readonly<Record<PaletteKind, string>> = {
  page: t('Page'),
  deed: t('Deed'),
  pool: t('Pool'),
  job: t('Job'),
  runner: t('Runner'),
  gpu: 'GPU',
  service: t('Service'),
  person: t('Person'),
  setting: t('Setting'),
};

/** What the snapshot does not have: asked for when the palette opens. */
export interface PaletteExtras {
  readonly services: readonly string[];
  readonly people: readonly { readonly name: string; readonly displayName: string }[];
  readonly settings: readonly { readonly path: string; readonly description: string }[];
}

export const noExtras: PaletteExtras = { services: [], people: [], settings: [] };

interface PageWords {
  readonly page: PageName;
  readonly word: string;
}

type Go = Partial<Route> & Pick<Route, 'page'>;

function place(kind: PaletteKind, id: string, label: string, hint: string, go: Go): PaletteItem {
  return { id: `${kind} ${id}`, kind, label, hint, does: { go } };
}

function deed(id: string, asked: Deed, hint = ''): PaletteItem {
  return { id: `deed ${id}`, kind: 'deed', label: asked.title, hint, does: { ask: asked } };
}

/** The deed of the Stack page, with the same command. */
function restartServiceDeed(service: string): Deed {
  return deedOf(
    {
      title: t('Restart service {{service}}', { service }),
      note: t('What it serves is away until it is up again.'),
    },
    `stack restart ${service}`,
    (client, dryRun) => client.call('stack.restart', { services: [service], dryRun }),
  );
}

function labDeeds({ gitlab, mode, backups }: Snapshot): readonly PaletteItem[] {
  const isSandbox = gitlab.kind === 'sandbox';
  const isRunning = isSandbox && gitlab.state === 'ready';
  return [
    mode === 'serve'
      ? deed('drain', drainLab, t('start no more runners'))
      : deed('resume', resumeLab, t('serve the queue again')),
    deed('refresh', refreshQueue, t('look for jobs now')),
    ...(backups === undefined
      ? []
      : [
          deed('back up', backUpDeed, t('save, restic')),
          deed('prove backup', proveNewestDeed, t('drill, restore, test')),
        ]),
    ...(isSandbox || gitlab.kind === 'none'
      ? [deed('demo', demoDeed(6, isRunning), t('try, sandbox, pipeline'))]
      : []),
    ...(isSandbox
      ? [isRunning ? deed('sandbox stop', stopSandbox) : deed('sandbox start', startSandbox)]
      : []),
  ];
}

function poolItems({ pools }: Snapshot): readonly PaletteItem[] {
  return pools.flatMap((pool) => {
    const business = { busy: pool.runners.busy, waiting: pool.waiting };
    return [
      place('pool', pool.name, pool.name, pool.tags.join(', '), { page: 'pools', id: pool.name }),
      deed(
        `pool turn ${pool.name}`,
        pool.paused ? resumePoolDeed(pool.name) : pausePoolDeed(pool.name, business),
      ),
      deed(`pool prove ${pool.name}`, provePoolDeed(pool.name)),
    ];
  });
}

/** As GitLab calls them: whoever knows them so looks for them so. */
const statusWords: Readonly<Record<JobView['status'], string>> = {
  created: t('created'),
  pending: t('pending'),
  running: t('running'),
  canceling: t('canceling'),
  success: t('success'),
  failed: t('failed'),
  canceled: t('canceled'),
  skipped: t('skipped'),
  unknown: t('unknown'),
};

function jobItems({ jobs }: Snapshot): readonly PaletteItem[] {
  return jobs.map((job) =>
    place(
      'job',
      String(job.id),
      `${job.name} (${String(job.id)})`,
      `${statusWords[job.status]} ${job.project} ${job.ref}`,
      {
        ...{ page: 'jobs', id: String(job.id) },
      },
    ),
  );
}

/** Deeds on single jobs and runners would crowd out everything else: they come only with their numbers. */
function numberedDeeds({ jobs, runners }: Snapshot, query: string): readonly PaletteItem[] {
  const words = query.toLowerCase().split(/\s+/);
  const job = jobs.find(({ id }) => words.includes(String(id)));
  const runner = runners.find(({ id }) => words.includes(id));
  const isOpen = job !== undefined && (job.status === 'pending' || job.status === 'running');
  return [
    ...(job === undefined
      ? []
      : [
          isOpen
            ? deed(`cancel ${String(job.id)}`, cancelJobDeed(job.id, job.status === 'running'))
            : deed(`retry ${String(job.id)}`, retryJobDeed(job.id)),
        ]),
    ...(runner === undefined ? [] : [deed(`drain ${runner.id}`, drainRunnerDeed(runner.id))]),
  ];
}

/** Everything there is, pages and deeds first. */
export function paletteItems(
  pages: readonly PageWords[],
  snapshot: Snapshot | null,
  { services, people, settings }: PaletteExtras,
): readonly PaletteItem[] {
  const own: readonly PaletteItem[] = [
    ...pages.map(({ page, word }) => place('page', page, word, '', { page })),
    // It stands in no menu of pages: whoever has skipped it finds the way back here.
    place('page', 'setup', t('Set up AutoGit'), t('first run wizard'), { page: 'setup' }),
    {
      id: 'deed keys',
      kind: 'deed',
      label: t('Show the keys'),
      hint: t('keyboard shortcuts help'),
      does: { show: 'keys' },
    },
  ];
  const ofLab =
    snapshot === null
      ? []
      : [
          ...labDeeds(snapshot),
          ...poolItems(snapshot),
          ...snapshot.gpus.map((gpu) =>
            place('gpu', gpu.id, gpu.model, `${gpu.vendor} ${gpu.id}`, { page: 'hardware', id: gpu.id }),
          ),
          ...snapshot.runners.map((runner) =>
            place(
              'runner',
              runner.id,
              runner.name,
              `${runnerLooks[runner.state].word.toLowerCase()} ${runner.pool}`,
              {
                page: 'runners',
                id: runner.id,
              },
            ),
          ),
        ];
  return [
    ...own,
    ...ofLab,
    ...services.flatMap((name) => [
      place('service', name, name, t('stack'), { page: 'stack', id: name }),
      deed(`service ${name}`, restartServiceDeed(name)),
    ]),
    ...people.map(({ name, displayName }) =>
      place('person', name, displayName === '' ? name : displayName, name, { page: 'people', id: name }),
    ),
    ...settings.map(({ path, description }) =>
      place('setting', path, path, description, {
        page: 'settings',
        id: path,
        query: path.startsWith('pools.') ? { text: path } : {},
      }),
    ),
    ...(snapshot === null ? [] : jobItems(snapshot)),
  ];
}

/**
 * How well letters fit: each of them in order, better where words begin and where they stand together. `null`: they do
 * not. Higher is better.
 */
export function scoreOf(text: string, query: string): number | null {
  const found = text.indexOf(query);
  if (found >= 0) return 100 + query.length * 4 - Math.min(found, 40) + (isStart(text, found) ? 40 : 0);
  let at = -1;
  let score = 0;
  for (const letter of query) {
    const next = text.indexOf(letter, at + 1);
    if (next < 0) return null;
    score += next === at + 1 ? 6 : isStart(text, next) ? 8 : 1 - Math.min(5, (next - at) / 8);
    at = next;
  }
  return score;
}

function isStart(text: string, at: number): boolean {
  return at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? '');
}

/** In this order where they fit as well. */
const weight: Readonly<Record<PaletteKind, number>> = {
  ...{ page: 12, deed: 8, pool: 8, service: 6, person: 5, gpu: 5, setting: 4, runner: 2, job: 0 },
};

/** More than anybody reads. */
export const mostFound = 40;

/** Every word has to fit the label or, less well, the hint. */
function fit({ label, hint, kind }: PaletteItem, words: readonly string[]): number | null {
  const [main, side] = [label.toLowerCase(), `${kindWords[kind]} ${hint}`.toLowerCase()];
  let sum = weight[kind];
  for (const word of words) {
    const inLabel = scoreOf(main, word);
    const inHint = side.includes(word) ? 30 + word.length : null;
    if (inLabel === null && inHint === null) return null;
    sum += Math.max(inLabel ?? -Infinity, inHint ?? -Infinity);
  }
  return sum;
}

/** The best first; with no words, what is begun with most often. */
export function searchPalette(
  items: readonly PaletteItem[],
  query: string,
  snapshot: Snapshot | null,
): readonly PaletteItem[] {
  const words = query
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '');
  if (words.length === 0)
    return items.filter(({ kind }) => kind === 'page' || kind === 'deed').slice(0, mostFound);
  const numbered = snapshot === null ? [] : numberedDeeds(snapshot, query);
  const found = [...items, ...numbered].flatMap((item) => {
    const score = fit(item, words);
    return score === null ? [] : [{ item, score }];
  });
  return found
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostFound)
    .map(({ item }) => item);
}
