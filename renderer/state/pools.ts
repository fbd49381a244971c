// What a pool is doing and whom it serves, in words.
import type { Output } from '../../main/contract/contract.ts';
import type { PoolView } from '../../main/contract/snapshot.ts';
import {
  choiceWords,
  emptyWords,
  fieldReading,
  fieldUnit,
  fieldWords,
  poolFieldGroups,
  textsOf,
} from './pool-form.ts';
import { gpuWords } from './gpu-need.ts';
import { proofLooks } from './tones.ts';
import type { StateLook } from './tones.ts';
import { gigabytes } from './words.ts';
import { count, t } from '../language/strings.ts';

/** Runners that are there, whatever they do. */
export function aliveIn({ runners }: Pick<PoolView, 'runners'>): number {
  return Object.values(runners).reduce((sum, number) => sum + number, 0);
}

/** How a pool stands, the worst first. */
export function poolLook(pool: PoolView): StateLook {
  if (pool.paused) return { tone: 'idle', sign: 'stop', word: t('Paused') };
  if (pool.proof?.state === 'failed') return proofLooks.failed;
  if (!pool.ready) return { tone: 'idle', sign: 'later', word: t('Not ready') };
  if (pool.waiting > 0 && aliveIn(pool) >= pool.max)
    return { tone: 'waiting', sign: 'clock', word: t('Full') };
  if (pool.waiting > 0) return { tone: 'waiting', sign: 'starting', word: t('Starting') };
  if (pool.runners.busy > 0) return { tone: 'running', sign: 'play', word: t('Working') };
  if (pool.proof?.state === 'unproven') return proofLooks.unproven;
  return { tone: 'success', sign: 'check', word: t('Ready') };
}

/** What its state means where a word does not say enough; `null`: it does. */
export function poolStateWords(pool: PoolView): string | null {
  if (pool.paused) return t('It takes no job until it is resumed. Runners with a job finish it.');
  if (!pool.ready)
    return t('GitLab does not know it yet, so it takes no job. AutoGit makes its entry by itself.');
  if (pool.waiting > 0 && aliveIn(pool) >= pool.max)
    return t('{{jobs}} until {{runner}} is free.', {
      jobs: count(pool.waiting, '{{n}} job waits', '{{n}} jobs wait'),
      runner: count(pool.max, 'its runner', 'one of its {{n}} runners'),
    });
  return null;
}

/** `4 CPUs, 6.4 GB`. */
export function sizeWords({ cpus, memoryMiB }: Pick<PoolView, 'cpus' | 'memoryMiB'>): string {
  const parts = [
    ...(cpus === null ? [] : [count(cpus, '{{n}} CPU', '{{n}} CPUs')]),
    ...(memoryMiB === null ? [] : [gigabytes(memoryMiB)]),
  ];
  return parts.length === 0 ? t('no limit') : parts.join(', ');
}

const claims: Readonly<Record<NonNullable<PoolView['proof']>['claims'][number]['name'], string>> = {
  job: t('Runs a job'),
  cpus: t('Processors'),
  memory: t('Memory'),
  arch: t('Processor type'),
  gpu: t('GPUs'),
  gitlab: t('Reaches GitLab'),
  trust: t('Trusts GitLab'),
  clone: t('Clones'),
  artifact: t('Artifacts'),
  registry: t('Registry'),
};

/** What a proof looks at, in a word or two. */
export function claimWords(name: keyof typeof claims): string {
  return claims[name];
}

function servedJobs(tags: string, runUntagged: boolean): string {
  if (tags === '') return t('Jobs without tags');
  return runUntagged
    ? t('Jobs whose tags are all among {{tags}}, and jobs without tags', { tags })
    : t('Jobs whose tags are all among {{tags}}', { tags });
}

/** Whose jobs a pool takes, in one sentence. */
export function servesWords({ tags, runUntagged, protectedOnly, scope }: PoolView): string {
  const [kind = '', path] = scope.split(':');
  if (tags.length === 0 && !runUntagged) return t('No job: it has no tags.');
  const jobs = servedJobs(tags.join(', '), runUntagged);
  const projects =
    path === undefined
      ? t('of every project')
      : kind === 'group'
        ? t('of the group {{path}}', { path })
        : t('of the project {{path}}', { path });
  return protectedOnly
    ? t('{{jobs}}, {{projects}}, of protected branches and tags only.', { jobs, projects })
    : t('{{jobs}}, {{projects}}.', { jobs, projects });
}

export interface SettingWords {
  readonly name: string;
  readonly words: string;
  readonly value: string;
  /** As without anybody's having set it. */
  readonly isUsual: boolean;
}

type Settings = Output<'pool.show'>['settings'];

/** `mon, tue 08:00 to 18:00 Europe/Berlin: 2`. */
function warmWords({ warm }: Settings): string {
  return warm
    .map(({ days, from, to, timeZone, count: runners }) =>
      t('{{days}} {{from}} to {{to}} {{timeZone}}: {{runners}}', {
        days: days.join(', '),
        from,
        to,
        timeZone,
        runners,
      }),
    )
    .join('; ');
}

/** Parts of the week, which no field of the form can hold: they stand in the settings file. */
function windowsOf(settings: Settings): SettingWords {
  const value = warmWords(settings);
  return {
    name: 'warm',
    words: t('Warm by the week'),
    value: value === '' ? t('none') : value,
    isUsual: value === '',
  };
}

/** Every setting in words, in the groups of the form. */
export function settingsWords(
  settings: Settings,
): readonly { readonly title: string; readonly settings: readonly SettingWords[] }[] {
  const texts = textsOf(settings);
  const usual = textsOf(null);
  return poolFieldGroups.map(({ title, fields }) => ({
    title,
    settings: [
      ...fields
        .filter(({ name }) => name !== 'name')
        .map((field) => {
          const text = texts[field.name] ?? '';
          const unit = fieldUnit(field);
          const reading = fieldReading(field, text);
          const plain = field.name === 'gpu' ? gpuWords(text) : choiceWords(field.name, text);
          const value = unit === null ? plain : (reading ?? `${text} ${unit}`);
          return {
            name: field.name,
            words: fieldWords(field.name),
            value: text === '' ? (emptyWords(field) ?? t('none')) : value,
            isUsual: text === (usual[field.name] ?? ''),
          };
        }),
      ...(fields.some(({ name }) => name === 'min') ? [windowsOf(settings)] : []),
    ],
  }));
}
