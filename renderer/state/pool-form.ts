// The form of a pool: its fields, their texts, and what they mean, all read off the contract.
import { fieldsOf, inputError, optionName, readField } from '../../main/contract/fields.ts';
import type { RequestField } from '../../main/contract/fields.ts';
import { poolRequests } from '../../main/contract/requests/pool.ts';
import type { Output } from '../../main/contract/contract.ts';
import type { PoolChange } from './row-deeds.ts';

export type PoolTexts = Readonly<Record<string, string>>;

const addInput = poolRequests['pool.add'].input;
const changeInput = poolRequests['pool.set'].input.omit({ name: true, dryRun: true });

/** Everything that may be set, the name first. */
export const poolFormFields: readonly RequestField[] = fieldsOf(addInput).filter(
  ({ name }) => name !== 'dryRun',
);

const words: Readonly<Record<string, string>> = {
  runUntagged: 'Untagged jobs',
  protectedOnly: 'Protected branches only',
  idleTime: 'Idle time (seconds)',
  cpus: 'Processors',
  memoryMiB: 'Memory (MiB)',
  max: 'Most runners',
};

/** `Idle time (seconds)`. */
export function fieldWords(name: string): string {
  const spaced = name.replaceAll(/[A-Z]+/g, (letters) => ` ${letters.toLowerCase()}`);
  return words[name] ?? `${spaced.charAt(0).toUpperCase()}${spaced.slice(1)}`;
}

/** What a field is for; a form has empty fields where a command line says `none`. */
export function fieldHelp({ help }: RequestField): string {
  return `${help.charAt(0).toUpperCase()}${help.slice(1)}`.replace("'none' for", 'empty for');
}

function textOf(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (Array.isArray(value)) return value.map(String).join(', ');
  if (typeof value === 'object') return Object.values(value).map(String).join(':');
  return typeof value === 'string' ? value : JSON.stringify(value);
}

/** What stands in the form at first; without settings, nothing: the defaults count. */
export function textsOf(settings: Output<'pool.show'>['settings'] | null): PoolTexts {
  const values = new Map<string, unknown>(Object.entries(settings ?? {}));
  return Object.fromEntries(poolFormFields.map(({ name }) => [name, textOf(values.get(name))]));
}

function valueOf(field: RequestField, text: string): unknown {
  const given = text.trim();
  if (given === '' && field.nullable) return null;
  if (given === '' && field.type === 'list') return [];
  return readField(field, given);
}

export interface ReadForm {
  readonly name: string;
  readonly change: PoolChange;
  /** The same on the command line. */
  readonly options: string;
  /** What is wrong, by field. */
  readonly errors: Readonly<Record<string, string>>;
}

/** A value as it is typed behind an option; in single quotes where a shell would take it apart. */
function typed(text: string): string {
  const value = text.trim().replaceAll(/\s*,\s*/g, ',') || 'none';
  return /^[\w.,:/@-]+$/.test(value) ? value : `'${value.replaceAll("'", String.raw`'\''`)}'`;
}

function optionOf(name: string, text: string): string {
  return ` --${optionName(name)} ${typed(text)}`;
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
    options: options.map(({ name }) => optionOf(name, texts[name] ?? '')).join(''),
    errors,
  };
}
