// The form of a pool: its fields, their texts, and what they mean, all read off the contract.
import { fieldsOf, inputError, optionName, readField } from '../../main/contract/fields.ts';
import type { RequestField } from '../../main/contract/fields.ts';
import { poolRequests } from '../../main/contract/requests/pool.ts';
import type { Output } from '../../main/contract/contract.ts';
import { gpuNeedSchema } from '../../main/model/gpu.ts';
import { poolSchema } from '../../main/model/pool.ts';
import { gpuNeedOf, gpuText } from './gpu-need.ts';
import type { PoolChange } from './row-deeds.ts';
import { capital, duration, gigabytes } from './words.ts';
import { numeral } from '../language/locale.ts';
import { t } from '../language/strings.ts';

export type PoolTexts = Readonly<Record<string, string>>;

const addInput = poolRequests['pool.add'].input;
const changeInput = poolRequests['pool.set'].input.omit({ name: true, dryRun: true });

/** Everything that may be set, the name first. */
export const poolFormFields: readonly RequestField[] = fieldsOf(addInput).filter(
  ({ name }) => name !== 'dryRun',
);

/** A part of the form: settings that answer the same question. */
export interface FieldGroup {
  readonly title: string;
  readonly about: string;
  readonly fields: readonly RequestField[];
}

const groups: readonly (readonly [title: string, about: string, names: readonly string[]])[] = [
  [
    t('What it takes'),
    t('Which jobs of which projects.'),
    ['name', 'tags', 'runUntagged', 'protectedOnly', 'scope', 'priority'],
  ],
  [
    t('Where it runs'),
    t('What a job finds around it.'),
    ['executor', 'image', 'runnerImage', 'arch', 'cache', 'pullPolicy', 'prePull', 'env'],
  ],
  [
    t('Limits'),
    t('How much of the machine each runner may use.'),
    ['cpus', 'memoryMiB', 'diskMiB', 'shmMiB', 'pids'],
  ],
  [t('Of the machine'), t('What else of it jobs are given.'), ['gpu', 'mounts', 'devices', 'capabilities']],
  [
    t('How many'),
    t('Runners at a time. Those that are warm by the week stand in the settings file.'),
    ['max', 'min'],
  ],
  [t('Life'), t('When a runner leaves.'), ['idleTime', 'jobsPerRunner', 'maxLifetime']],
];

/** All fields in groups; a setting that none of them names comes last, so that none is ever missing. */
export const poolFieldGroups: readonly FieldGroup[] = (() => {
  const named = new Set(groups.flatMap(([, , names]) => names));
  const rest = poolFormFields.filter(({ name }) => !named.has(name)).map(({ name }) => name);
  return [...groups, [t('More'), t('Everything else.'), rest] as const]
    .map(([title, about, names]) => ({
      title,
      about,
      fields: names.flatMap((name) => poolFormFields.filter((field) => field.name === name)),
    }))
    .filter(({ fields }) => fields.length > 0);
})();

const words: Readonly<Record<string, string>> = {
  name: t('Name'),
  tags: t('Tags'),
  priority: t('Priority'),
  image: t('Image'),
  memoryMiB: t('Memory'),
  diskMiB: t('Disk'),
  devices: t('Devices'),
  capabilities: t('Capabilities'),
  idleTime: t('Idle time'),
  jobsPerRunner: t('Jobs per runner'),
  arch: t('Processor type'),
  cache: t('Cache between jobs'),
  env: t('Environment'),
  gpu: t('GPUs'),
  mounts: t('Folders'),
  pids: t('Processes'),
  prePull: t('Images to fetch early'),
  pullPolicy: t('Registry is asked'),
  runnerImage: t('Image of the runner itself'),
  runUntagged: t('Untagged jobs'),
  protectedOnly: t('Protected branches only'),
  scope: t('Projects'),
  executor: t('Scripts run in'),
  cpus: t('Processors'),
  max: t('Most runners'),
  min: t('Warm runners'),
  maxLifetime: t('Longest life'),
  shmMiB: t('Shared memory'),
};

/** `Idle time`. */
export function fieldWords(name: string): string {
  const spaced = name.replace(/MiB$/, '').replaceAll(/[A-Z]+/g, (letters) => ` ${letters.toLowerCase()}`);
  return words[name] ?? `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`;
}

const choices: Readonly<Record<string, string>> = {
  true: t('yes'),
  false: t('no'),
  'executor container': t("container: the runner's own"),
  'executor image': t("image: the job's own container"),
  'scope instance': t('every project'),
  'cache none': t('none'),
  'cache project': t('one for each project'),
  'pullPolicy always': t('for each job'),
  'pullPolicy if-not-present': t('for images that are not here'),
  'pullPolicy never': t('never'),
};

/** A value out of few, as the form shows it. */
export function choiceWords(field: string, choice: string): string {
  return choices[`${field} ${choice}`] ?? choices[choice] ?? choice;
}

/** What an empty field means, off its help: `no limit`; `null`: it may not be empty. */
export function emptyWords({ nullable, help }: RequestField): string | null {
  return nullable ? (/'none'(?: for|:) ([^;]+)/.exec(help)?.[1] ?? t('none')) : null;
}

/** Lists whose items are too long, or may have commas in them, to stand in one line. */
const oneEachLine: ReadonlySet<string> = new Set(['env', 'mounts', 'devices', 'prePull']);

export function isOneEachLine({ name }: Pick<RequestField, 'name'>): boolean {
  return oneEachLine.has(name);
}

/** The unit that stands behind the value; `null`: a plain number, or no number. */
export function fieldUnit({ name, type, help }: RequestField): string | null {
  if (type !== 'integer' && type !== 'number') return null;
  if (name.endsWith('MiB')) return 'MiB';
  return help.startsWith('seconds') ? 's' : null;
}

/** A number once more in a unit that is easier to grasp: `300` seconds as `5 min`. */
export function fieldReading(field: RequestField, text: string): string | null {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0) return null;
  switch (fieldUnit(field)) {
    case 'MiB':
      return gigabytes(value);
    case 's':
      return value < 60 ? null : duration(value * 1000);
    default:
      return null;
  }
}

function rangeWords({ type, min, max }: RequestField): string | null {
  const most = max === null ? null : numeral(max);
  if (type !== 'list' && min !== null) {
    const least = numeral(min);
    return most === null ? t('at least {{least}}', { least }) : t('{{least}} to {{most}}', { least, most });
  }
  return most === null ? null : t('at most {{most}}', { most });
}

function usualWords(field: RequestField): string | null {
  const usual = defaultTexts[field.name] ?? '';
  if (usual === '' || field.type === 'text') return null;
  const isNumber = field.type === 'integer' || field.type === 'number';
  return t('default {{default}}', {
    default: isNumber ? numeral(Number(usual)) : choiceWords(field.name, usual),
  });
}

/** Where a form asks in another way than a command line. */
const helps: Readonly<Record<string, string>> = {
  gpu: t('graphics cards that each runner gets, with its jobs'),
  name: t('lower-case letters, digits and dashes, at most 32'),
  scope: t('whose jobs it takes'),
};

/** What a field is for and what it takes; a form has empty fields where a command line says `none`. */
export function fieldHelp(field: RequestField): string {
  const help = (helps[field.name] ?? field.help)
    .replace("'none'", 'empty')
    .replace('with commas between', isOneEachLine(field) ? 'one a line' : 'with commas between');
  const parts = [rangeWords(field), field.choices.length > 0 ? null : usualWords(field)];
  const limits = parts.filter((part) => part !== null).join(', ');
  const sentence = `${help.charAt(0).toUpperCase()}${help.slice(1)}.`;
  return limits === '' ? sentence : `${sentence} ${limits.charAt(0).toUpperCase()}${limits.slice(1)}.`;
}

function textOf(name: string, value: unknown): string {
  if (value === null || value === undefined) return '';
  const between = isOneEachLine({ name }) ? '\n' : ', ';
  if (Array.isArray(value)) return value.map(String).join(between);
  if (name === 'gpu') return gpuText(gpuNeedSchema.parse(value));
  if (typeof value === 'object') {
    const entries = Object.entries(value).map(([key, item]) => [key, String(item)] as const);
    return name === 'env'
      ? entries.map((entry) => entry.join('=')).join(between)
      : entries.map(([, item]) => item).join(':');
  }
  return typeof value === 'string' ? value : JSON.stringify(value);
}

type Settings = Output<'pool.show'>['settings'];

function textsIn(settings: Partial<Settings>): PoolTexts {
  const values = new Map<string, unknown>(Object.entries(settings));
  return Object.fromEntries(poolFormFields.map(({ name }) => [name, textOf(name, values.get(name))]));
}

const defaultTexts: PoolTexts = { ...textsIn(poolSchema.parse({ name: 'new' })), name: '' };

/** What stands in the form at first; of a new pool, the defaults. */
export function textsOf(settings: Settings | null): PoolTexts {
  return settings === null ? defaultTexts : textsIn(settings);
}

function valueOf(field: RequestField, text: string): unknown {
  const given = text.trim();
  if (given === '' && field.nullable) return null;
  if (given === '' && field.type === 'list') return [];
  if (isOneEachLine(field))
    return given
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  return readField(field, given);
}

export interface ReadForm {
  readonly name: string;
  readonly change: PoolChange;
  /** The same on the command line; empty while nothing differs. */
  readonly options: string;
  /** A comma within an item of a list ends the item on a command line: then only the page can say it. */
  readonly canBeTyped: boolean;
  /** What is wrong, by field. */
  readonly errors: Readonly<Record<string, string>>;
}

/** A value as it is typed behind an option; in single quotes where a shell would take it apart. */
function typed(text: string): string {
  const value = text.trim().replaceAll(/\s*[,\n]\s*/g, ',') || 'none';
  return /^[\w.,:/@=-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function optionOf(name: string, text: string): string {
  return ` --${optionName(name)} ${typed(text)}`;
}

/** The settings that the texts stand for, as far as a pool takes them as they are given. */
function settingsOf(texts: PoolTexts): object {
  const values = Object.fromEntries(
    poolFormFields.map((field) => [field.name, valueOf(field, texts[field.name] ?? '')]),
  );
  const [kind = '', path] = (texts['scope'] ?? '').split(':');
  const env = (texts['env'] ?? '').split('\n').filter(Boolean);
  return {
    ...values,
    name: 'any',
    scope: path === undefined ? { kind } : { kind, path },
    gpu: gpuNeedOf(texts['gpu'] ?? ''),
    env: Object.fromEntries(env.map((line) => [line.split('=', 1).join(), ''])),
  };
}

/** What fits each for itself and not together, as more warm runners than runners at all. */
function pairErrors(texts: PoolTexts): Readonly<Record<string, string>> {
  const issues = poolSchema.safeParse(settingsOf(texts)).error?.issues ?? [];
  return Object.fromEntries(
    issues
      .filter(({ code }) => code === 'custom')
      .map(({ path: [name], message }) => {
        const above = /^not above (\w+)$/.exec(message)?.[1];
        const rule = above === undefined ? message : t('not above "{{field}}"', { field: fieldWords(above) });
        return [String(name), `${capital(rule)}.`];
      }),
  );
}

/** Reads what differs from before. Each message names what is allowed. */
export function readForm(texts: PoolTexts, before: PoolTexts): ReadForm {
  const changed = poolFormFields.filter(({ name }) => (texts[name] ?? '').trim() !== before[name]);
  const entries = changed.map((field) => [field.name, valueOf(field, texts[field.name] ?? '')] as const);
  const given = Object.fromEntries(entries);
  const { name: newName, ...rest } = given;
  const parsedName = addInput.shape.name.safeParse(before['name'] || newName || '');
  const parsed = changeInput.safeParse(rest);
  const errors = Object.fromEntries(
    [
      ...(parsed.error?.issues ?? []),
      ...(parsedName.error?.issues ?? []).map((issue) => ({ ...issue, path: ['name'] })),
    ].map((issue) => {
      const { message, next } = inputError(poolFormFields, { name: '', ...given }, [issue], fieldWords);
      // What is to be given stands in the message already.
      return [String(issue.path[0]), next.startsWith('Give ') ? message : `${message} ${next}`] as const;
    }),
  );
  const options = changed.filter(({ name }) => name !== 'name');
  return {
    name: parsedName.data ?? '',
    change: parsed.data ?? {},
    canBeTyped: !options.some((field) => isOneEachLine(field) && (texts[field.name] ?? '').includes(',')),
    options: options.map(({ name }) => optionOf(name, texts[name] ?? '')).join(''),
    errors: Object.keys(errors).length === 0 ? pairErrors(texts) : errors,
  };
}
