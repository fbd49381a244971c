// Request parameters as Grape sees them: path, query and body (JSON or form) in one record, checked by zod.
import type { Context } from 'hono';
import { z } from 'zod';
import { badParameter } from './api-error.ts';

export type RawParams = Readonly<Record<string, unknown>>;

/** Reads query and body; the body wins. Raises 400 for a body that is not what its type says. */
export async function readParams(c: Context): Promise<RawParams> {
  const query = parseNested([...new URL(c.req.url).searchParams]);
  return { ...query, ...(await readBody(c)) };
}

async function readBody(c: Context): Promise<RawParams> {
  if (c.req.method === 'GET' || c.req.method === 'HEAD') return {};
  const type = c.req.header('content-type') ?? '';
  if (type.includes('application/json')) {
    const text = await c.req.text();
    if (text.trim() === '') return {};
    const parsed = z.record(z.string(), z.unknown()).safeParse(parseJson(text));
    if (!parsed.success) throw badParameter('The provided content could not be parsed');
    return parsed.data;
  }
  if (type.includes('application/x-www-form-urlencoded')) {
    return parseNested([...new URLSearchParams(await c.req.text())]);
  }
  if (type.includes('multipart/form-data')) {
    const pairs = [...(await c.req.formData())];
    return parseNested(pairs.flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])));
  }
  return {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Rack's nesting: `a[]=1`, `a[b]=1`, `a[][b]=1`. */
export function parseNested(pairs: readonly (readonly [string, string] | readonly string[])[]): RawParams {
  const root = new Map<string, unknown>();
  for (const [key = '', value = ''] of pairs) {
    const name = /^[^[]*/.exec(key)?.[0] ?? '';
    const steps = [...key.slice(name.length).matchAll(/\[([^\]]*)\]/g)].map((match) => match[1] ?? '');
    root.set(name, place(root.get(name), steps, value));
  }
  return toPlain(root);
}

function place(current: unknown, steps: readonly string[], value: string): unknown {
  const [step, ...rest] = steps;
  if (step === undefined) return value;
  if (step !== '') {
    const map = current instanceof Map ? current : new Map<string, unknown>();
    return map.set(step, place(map.get(step), rest, value));
  }
  const list: unknown[] = Array.isArray(current) ? current : [];
  const last: unknown = list.at(-1);
  const [inner, ...deeper] = rest;
  // `a[][key]=…&a[][value]=…`: a key that the last element does not have yet belongs to it.
  if (inner !== undefined && last instanceof Map && !last.has(inner)) {
    last.set(inner, place(undefined, deeper, value));
    return list;
  }
  list.push(place(undefined, rest, value));
  return list;
}

function toPlain(map: ReadonlyMap<unknown, unknown>): RawParams {
  return Object.fromEntries([...map].map(([key, value]) => [String(key), toPlainValue(value)]));
}

function toPlainValue(value: unknown): unknown {
  if (value instanceof Map) return toPlain(value);
  return Array.isArray(value) ? value.map(toPlainValue) : value;
}

/** Checks parameters; raises 400 with Grape's words, several joined by a comma. */
export function parseParams<S extends z.ZodType>(schema: S, raw: RawParams): z.infer<S> {
  const parsed = schema.safeParse(raw);
  if (parsed.success) return parsed.data;
  const messages = parsed.error.issues.map((issue) => {
    const [name, ...rest] = issue.path.map(String);
    const label = `${name ?? ''}${rest.map((part) => `[${part}]`).join('')}`;
    if (valueAt(raw, issue.path) === undefined) return `${label} is missing`;
    if (issue.code === 'invalid_value') return `${label} does not have a valid value`;
    if (issue.code === 'too_small' && valueAt(raw, issue.path) === '') return `${label} is empty`;
    return `${label} is invalid`;
  });
  throw badParameter([...new Set(messages)].join(', '));
}

function valueAt(raw: unknown, path: readonly PropertyKey[]): unknown {
  let current: unknown = raw;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Reflect.get(current, step);
  }
  return current;
}

// https://github.com/dry-rb/dry-types/blob/main/lib/dry/types/coercions/params.rb
const yes: readonly unknown[] = ['1', 1, ...'on On ON t true True TRUE T y yes Yes YES Y'.split(' ')];
const no: readonly unknown[] = ['0', 0, ...'off Off OFF f false False FALSE F n no No NO N'.split(' ')];

/** Booleans as Grape coerces them: Python's clients send `True`. */
export const boolParam = z.preprocess((value) => {
  if (yes.includes(value)) return true;
  return no.includes(value) ? false : value;
}, z.boolean());

export const intParam = z.preprocess(
  (value) => (typeof value === 'string' && /^-?\d+$/.test(value) ? Number(value) : value),
  z.number().int(),
);

/** Text; numbers and booleans in JSON bodies become text, as in Grape. */
export const textParam = z.preprocess(
  (value) => (typeof value === 'number' || typeof value === 'boolean' ? String(value) : value),
  z.string(),
);

/** `a,b` or `['a', 'b']`. */
export const listParam = z.preprocess((value) => {
  if (typeof value === 'string')
    return value
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== '');
  return Array.isArray(value) ? value.map(String) : value;
}, z.array(z.string()));

/** One value or several: `scope=pending`, `scope[]=pending&scope[]=running`. */
export const oneOrMoreParam = z.preprocess(
  (value) => (typeof value === 'string' ? [value] : value),
  z.array(z.string()),
);
