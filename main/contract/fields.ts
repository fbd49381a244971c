// The fields of a request's input as plain data, and reading them from text: shared by addresses and the command line.
import { z } from 'zod';
import type { ErrorShape } from './error.ts';
import { nearest } from '../model/nearest.ts';

export interface RequestField {
  readonly name: string;
  /** `list`: of texts, with commas between where it is given as text; `object`: given as text, it is JSON. */
  readonly type: 'text' | 'integer' | 'number' | 'boolean' | 'list' | 'object';
  /** May be nothing, which is written `none`. */
  readonly nullable: boolean;
  /** The only values allowed; empty: no such list. */
  readonly choices: readonly string[];
  readonly min: number | null;
  readonly max: number | null;
  readonly required: boolean;
  readonly fallback: string | number | boolean | null;
  readonly help: string;
  /** Of an object: its fields, once for each form that it may have. */
  readonly forms: readonly (readonly RequestField[])[];
}

const valueSchema = z.object({
  type: z.enum(['string', 'integer', 'number', 'boolean', 'array', 'object', 'null']),
  enum: z.array(z.string()).default([]),
  const: z.unknown().optional(),
  /** Read when a form of an object is: schemas have schemas in them. */
  properties: z.record(z.string(), z.unknown()).optional(),
  required: z.array(z.string()).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  maxItems: z.number().optional(),
});
const aboutSchema = z.object({
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  description: z.string().default(''),
});
const propertySchema = z.union([
  aboutSchema.extend({ anyOf: z.array(valueSchema) }),
  // Of a union whose members have a name of their own.
  aboutSchema.extend({ oneOf: z.array(valueSchema) }),
  aboutSchema.extend(valueSchema.shape),
]);
const objectSchema = z.object({
  properties: z.record(z.string(), propertySchema).default({}),
  required: z.array(z.string()).default([]),
});

function boundOf(value: number | undefined): number | null {
  return value === undefined || Math.abs(value) >= Number.MAX_SAFE_INTEGER ? null : value;
}

/** By schema: reading one takes longer than most requests do. */
const known = new WeakMap<z.ZodObject, readonly RequestField[]>();

/** The fields of an input, in the order of its schema. */
export function fieldsOf(input: z.ZodObject): readonly RequestField[] {
  const found = known.get(input) ?? readFields(input);
  known.set(input, found);
  return found;
}

function readFields(input: z.ZodObject): readonly RequestField[] {
  return fieldsIn(z.toJSONSchema(input, { io: 'input' }));
}

function fieldsIn(schema: unknown): readonly RequestField[] {
  const shape = objectSchema.parse(schema);
  return Object.entries(shape.properties).map(([name, property]) => {
    const kinds = kindsOf(property);
    const kind = kinds.find(({ type }) => type !== 'null');
    return {
      name,
      type: typeOf(kind?.type ?? 'string'),
      nullable: kinds.some(({ type }) => type === 'null'),
      choices: typeof kind?.const === 'string' ? [kind.const] : (kind?.enum ?? []),
      min: boundOf(kind?.minimum),
      max: boundOf(kind?.maximum ?? kind?.maxItems),
      required: shape.required.includes(name),
      fallback: property.default ?? null,
      help: property.description,
      forms: kinds.filter(({ properties }) => properties !== undefined).map(formIn),
    };
  });
}

/** A form that says more than fields do has none: then the object is named as a whole. */
function formIn(schema: z.output<typeof valueSchema>): readonly RequestField[] {
  return objectSchema.safeParse(schema).success ? fieldsIn(schema) : [];
}

function kindsOf(property: z.output<typeof propertySchema>): readonly z.output<typeof valueSchema>[] {
  if ('anyOf' in property) return property.anyOf;
  return 'oneOf' in property ? property.oneOf : [property];
}

function typeOf(type: z.output<typeof valueSchema>['type']): RequestField['type'] {
  switch (type) {
    case 'string':
    case 'null':
      return 'text';
    case 'array':
      return 'list';
    case 'integer':
    case 'number':
    case 'boolean':
    case 'object':
      return type;
  }
}

/** What JSON says; text that is none stays text. */
function readJson(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}

/** How nothing is written where only text can be given. */
const nothingWord = 'none';

/** A value given as text, as the type of its field; text that is no such value stays text for the schema to refuse. */
export function readField(field: RequestField, text: string): unknown {
  if (field.nullable && text === nothingWord) return null;
  switch (field.type) {
    case 'text':
      return text;
    case 'list':
      return text === nothingWord ? [] : text.split(',').map((item) => item.trim());
    case 'boolean':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'object':
      return readJson(text);
    case 'integer':
    case 'number':
      return /^[+-]?\d+(?:\.\d+)?(?:e\+?\d+)?$/i.test(text) ? Number(text) : text;
  }
}

function rangeOf(field: RequestField): string {
  if (field.min !== null && field.max !== null) return ` from ${field.min} to ${field.max}`;
  if (field.min !== null) return ` of at least ${field.min}`;
  return field.max === null ? '' : ` of at most ${field.max}`;
}

/** A field as it is typed on a command line: `dry-run` for `dryRun`, `memory-mib` for `memoryMiB`. */
export function optionName(field: string): string {
  const words = field.replaceAll('MiB', 'Mib');
  return words.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

/** What a field takes, in words: `a whole number from 1 to 200`. */
export function expectedOf(field: RequestField): string {
  const value = expectedValueOf(field);
  return field.nullable ? `${value}, or ${nothingWord}` : value;
}

function expectedValueOf(field: RequestField): string {
  if (field.choices.length > 0) return `one of ${field.choices.join(', ')}`;
  switch (field.type) {
    case 'list':
      return `a list${field.max === null ? '' : ` of at most ${field.max}`}, with commas between`;
    case 'text':
      return 'text';
    case 'object':
      return 'an object';
    case 'boolean':
      return 'true or false';
    case 'integer':
      return `a whole number${rangeOf(field)}`;
    case 'number':
      return `a number${rangeOf(field)}`;
  }
}

/** How a door writes the name of a field: `--dry-run` or `dryRun`; of one in an object: `target.port`. */
export type FieldLabel = (name: string) => string;

const asWritten: FieldLabel = (name) => name;

function shorten(value: unknown): string {
  const text = z.string().catch('nothing').parse(JSON.stringify(value));
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}

/**
 * Why an input does not fit, naming field and range: `usage.unknown-option`, `usage.missing-value`,
 * `usage.invalid-value`.
 */
export function inputError(
  fields: readonly RequestField[],
  given: unknown,
  issues: readonly z.core.$ZodIssue[],
  label: FieldLabel = asWritten,
): ErrorShape {
  const [issue] = issues;
  const values = z.record(z.string(), z.unknown()).catch({}).parse(given);
  const common = { retry: false } as const;
  const inner = issue === undefined ? null : innerError(fields, values, issue, label);
  if (inner !== null) return inner;
  if (issue?.code === 'unrecognized_keys') {
    const name = issue.keys[0] ?? '';
    const meant = nearest(
      name,
      fields.map((field) => field.name),
    );
    const known = fields.map((field) => label(field.name)).join(', ');
    return {
      key: 'usage.unknown-option',
      message: `There is no ${label(name)} here.`,
      next: meant === null ? `Known here: ${known || 'no options'}.` : `Did you mean ${label(meant)}?`,
      fields: { option: name },
      ...common,
    };
  }
  const field = fields.find((candidate) => candidate.name === issue?.path[0]);
  if (field === undefined) {
    return {
      key: 'usage.invalid-value',
      message: 'The input is not an object with the fields of this request.',
      next: `Known here: ${fields.map(({ name }) => label(name)).join(', ') || 'no fields'}.`,
      fields: {},
      ...common,
    };
  }
  const detail = { field: field.name, expected: expectedOf(field) };
  const value = wrongPart(values[field.name], issue);
  if (value === undefined) {
    return {
      key: 'usage.missing-value',
      message: `${label(field.name)} is missing.`,
      next: `Give ${expectedOf(field)}.`,
      fields: detail,
      ...common,
    };
  }
  return {
    key: 'usage.invalid-value',
    message: `${label(field.name)} must be ${mismatch(field, value, issue)}.`,
    next: adviceFor(field, value, issue),
    fields: detail,
    ...common,
  };
}

/** Why a field of an object does not fit; `null`: it is not one of these. */
function innerError(
  fields: readonly RequestField[],
  values: Readonly<Record<string, unknown>>,
  issue: z.core.$ZodIssue,
  label: FieldLabel,
): ErrorShape | null {
  const inside = insideOf(fields, values, issue);
  if (inside === null) return null;
  const within = { ...issue, path: issue.path.slice(1) };
  const error = inputError(inside.fields, inside.given, [within], (name) => label(`${inside.name}.${name}`));
  const { field, ...others } = error.fields;
  const path = field === undefined ? {} : { field: `${inside.name}.${String(field)}` };
  return { ...error, fields: { ...others, ...path } };
}

interface Inside {
  readonly name: string;
  readonly fields: readonly RequestField[];
  readonly given: object;
}

/** The object in which a field is wrong, by the form that was meant: the one whose fixed words were given. */
function insideOf(
  fields: readonly RequestField[],
  values: Readonly<Record<string, unknown>>,
  { code, path }: z.core.$ZodIssue,
): Inside | null {
  const field = fields.find(({ name }) => name === path[0]);
  const given = field === undefined ? undefined : values[field.name];
  if (field === undefined || field.forms.length === 0 || typeof given !== 'object' || given === null)
    return null;
  // What is wrong with the object itself is not in it.
  if (path.length < 2 && code !== 'unrecognized_keys') return null;
  const words = new Map<string, unknown>(Object.entries(given));
  const isMeant = (form: readonly RequestField[]): boolean =>
    form.every(
      ({ name, choices: [word, ...others] }) =>
        word === undefined || others.length > 0 || word === words.get(name),
    );
  const inner = field.forms.find(isMeant) ?? mergedForms(field.forms);
  const isKnown = path.length < 2 || inner.some(({ name }) => name === path[1]);
  return isKnown ? { name: field.name, fields: inner, given } : null;
}

/** Of forms none of which is meant: every field, with every word that it may have. */
function mergedForms(forms: readonly (readonly RequestField[])[]): readonly RequestField[] {
  const all = forms.flat();
  return [...new Map(all.map((field) => [field.name, field])).values()].map((field) => ({
    ...field,
    choices: [...new Set(all.filter(({ name }) => name === field.name).flatMap(({ choices }) => choices))],
  }));
}

/** The item of a list that is wrong, or the value itself. */
function wrongPart(value: unknown, issue: z.core.$ZodIssue | undefined): unknown {
  const at = issue?.path[1];
  return Array.isArray(value) && typeof at === 'number' ? value[at] : value;
}

function mismatch(field: RequestField, value: unknown, issue: z.core.$ZodIssue | undefined): string {
  if (typeof value === 'string' && issue?.code === 'too_big')
    return `at most ${issue.maximum} characters long, not ${value.length}`;
  return `${expectedOf(field)}, not ${shorten(value)}`;
}

/** What to give instead, in words of ours: the schema's own speak to programmers. */
function adviceFor(field: RequestField, value: unknown, issue: z.core.$ZodIssue | undefined): string {
  const meant = typeof value === 'string' ? nearest(value, field.choices) : null;
  if (meant !== null) return `Did you mean ${meant}?`;
  if (field.type === 'text' && issue?.code === 'too_small') return 'Give some text.';
  if (issue?.code === 'invalid_format' && issue.format === 'regex') return `It takes ${issue.message}.`;
  if (issue?.code === 'invalid_format' && issue.format === 'url')
    return 'It takes an address that begins with https:// or http://.';
  return field.type === 'text' && issue?.code === 'custom'
    ? `${issue.message}.`
    : `Give ${expectedOf(field)}.`;
}
