// What the settings allow at a place, in words, read off the schema itself.
import { z } from 'zod';
import { settingsSchema } from '../model/settings.ts';

/** Where a value stands: field names and list positions. */
export type SettingsPath = readonly (string | number)[];

type Schema = z.core.JSONSchema.BaseSchema;

/** `pools[0].max`; empty for the whole file. */
export function renderPath(path: SettingsPath): string {
  return path
    .map((step) => (typeof step === 'number' ? `[${String(step)}]` : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

/** The allowed values at a path, e.g. "a whole number from 0 to 1000, or null"; `null` for an unknown place. */
export function describeAllowed(path: SettingsPath, settings: unknown): string | null {
  const words = [...new Set(schemasAt(path, settings).map(describe))].filter((word) => word !== '');
  const withoutNull = words.filter((word) => word !== 'null');
  const all = words.includes('null') ? [...withoutNull, 'null'] : withoutNull;
  return all.length === 0 ? null : all.join(' or ');
}

/** The fields that a group may have. */
export function knownFields(path: SettingsPath, settings: unknown): readonly string[] {
  return [...new Set(schemasAt(path, settings).flatMap((schema) => Object.keys(schema.properties ?? {})))];
}

/** Made once: it takes milliseconds, and a list of all settings asks for it at each of them. */
let whole: readonly Schema[] | null = null;

/** Every schema that may apply there: a value can be one of several kinds. */
function schemasAt(path: SettingsPath, settings: unknown): readonly Schema[] {
  whole ??= alternatives(z.toJSONSchema(settingsSchema, { io: 'input' }));
  let schemas = whole;
  let value = settings;
  for (const step of path) {
    const here = value;
    schemas = schemas
      .filter((schema) => isOfKind(schema, here, step))
      .flatMap((schema) => child(schema, step));
    value = valueAt(value, step);
  }
  const last = value;
  return schemas.filter((schema) => isOfKind(schema, last, null));
}

function alternatives(schema: Schema['items']): readonly Schema[] {
  if (schema === undefined || typeof schema === 'boolean') return [];
  if (Array.isArray(schema)) return schema.flatMap(alternatives);
  const several = schema.anyOf ?? schema.oneOf;
  return several === undefined ? [schema] : several.flatMap(alternatives);
}

function child(schema: Schema, step: string | number): readonly Schema[] {
  return alternatives(typeof step === 'number' ? schema.items : schema.properties?.[step]);
}

/** False when a field that tells kinds apart (a constant) has another value here. */
function isOfKind(schema: Schema, value: unknown, except: string | number | null): boolean {
  return Object.entries(schema.properties ?? {}).every(([name, field]) => {
    const found = valueAt(value, name);
    const fixed = typeof field === 'object' ? field.const : undefined;
    return fixed === undefined || found === undefined || found === fixed || name === except;
  });
}

/** A field or item of data that may be anything. */
export function valueAt(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? value[step] : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  return Object.entries(value).find(([name]) => name === step)?.[1];
}

/** A copy of data in which one place has another value; groups that lead there are made. */
export function withValueAt(value: unknown, [step, ...rest]: SettingsPath, next: unknown): unknown {
  if (step === undefined) return next;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === step ? withValueAt(item, rest, next) : item));
  const fields = typeof value === 'object' && value !== null ? Object.entries(value) : [];
  return Object.fromEntries([
    ...fields.filter(([name]) => name !== step),
    [step, withValueAt(valueAt(value, step), rest, next)],
  ]);
}

function describe(schema: Schema): string {
  if (schema.const !== undefined) return String(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(String).join(' or ');
  switch (schema.type) {
    case 'integer':
      return `a whole number${range(schema)}`;
    case 'number':
      return `a number${range(schema)}`;
    case 'boolean':
      return 'true or false';
    case 'null':
      return 'null';
    case 'array':
      return schema.maxItems === undefined ? 'a list' : `a list of at most ${String(schema.maxItems)}`;
    case 'object':
      if (schema.properties === undefined) return 'names with a text each';
      return `a group of fields (${Object.keys(schema.properties ?? {}).join(', ')})`;
    case 'string':
      return describeText(schema);
    default:
      return '';
  }
}

function range({ minimum, maximum }: Schema): string {
  return minimum === undefined || maximum === undefined
    ? ''
    : ` from ${String(minimum)} to ${String(maximum)}`;
}

function describeText({ format, maxLength, minLength }: Schema): string {
  if (format === 'uri') return 'an address that begins with http:// or https://';
  if (maxLength === undefined) return 'a text';
  return `a text of ${minLength === undefined ? 'at most' : `${String(minLength)} to`} ${String(maxLength)} characters`;
}
