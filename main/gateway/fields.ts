// Takes from a JSON object the fields that a table knows; anything else that says something is refused.
import { z } from 'zod';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

/** Stable names of what is refused, in the gateway's log and answers; each is in docs/errors.md. */
export type RefusalKey =
  | 'gateway.bind'
  | 'gateway.body'
  | 'gateway.capability'
  | 'gateway.device'
  | 'gateway.foreign'
  | 'gateway.label'
  | 'gateway.name'
  | 'gateway.namespace'
  | 'gateway.not-offered'
  | 'gateway.path'
  | 'gateway.privileged'
  | 'gateway.pull'
  | 'gateway.query'
  | 'gateway.security'
  | 'gateway.unidentified';

export interface Refusal {
  readonly key: RefusalKey;
  /** One sentence that names what was asked for. */
  readonly message: string;
}

export type Taken = { readonly fields: JsonObject } | { readonly refuse: Refusal };

/** What may be said in a field, and the key under which anything else is refused. */
export interface Field {
  readonly schema: z.ZodType<Json>;
  readonly key: RefusalKey;
}

/** By name, exactly: Go reads names in any case, but what is passed on is written anew with these. */
export type Fields = ReadonlyMap<string, Field>;

export const jsonSchema = z.json();

export function field(schema: z.ZodType<Json>, key: RefusalKey = 'gateway.body'): Field {
  return { schema, key };
}

export function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

/** A field of an object; `undefined` for one that is missing, and for what is no object. */
export function child(value: Json | undefined, name: string): Json | undefined {
  return value !== undefined && isObject(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** What Go's zero values look like as JSON: such a field asks for nothing and is left out. */
export function isEmpty(value: Json): boolean {
  if (Array.isArray(value)) return value.every((item) => item === 0);
  if (isObject(value)) return Object.keys(value).length === 0;
  return value === null || value === false || value === 0 || value === '';
}

/** Refuses under its own key what is known to be dangerous, and under `gateway.body` what nobody knows. */
export function takeFields(
  value: Json,
  place: string,
  known: Fields,
  refused: ReadonlyMap<string, RefusalKey>,
): Taken {
  if (!isObject(value)) return refuse('gateway.body', `${place || 'the body'} is not an object`);
  const fields: [string, Json][] = [];
  for (const [name, item] of Object.entries(value)) {
    if (isEmpty(item)) continue;
    const path = place === '' ? name : `${place}.${name}`;
    const rule = known.get(name);
    if (rule === undefined) {
      return refuse(refused.get(name) ?? 'gateway.body', `${path} may not be set: ${shorten(item)}`);
    }
    const parsed = rule.schema.safeParse(item);
    if (!parsed.success) return refuse(rule.key, `${path} may not be ${shorten(item)}`);
    fields.push([name, parsed.data]);
  }
  return { fields: Object.fromEntries(fields) };
}

export function refuse(key: RefusalKey, message: string): { readonly refuse: Refusal } {
  return { refuse: { key, message } };
}

const shown = 200;

/** For messages: enough to recognise what was asked for. */
export function shorten(value: Json): string {
  const text = JSON.stringify(value);
  return text.length > shown ? `${text.slice(0, shown)}…` : text;
}
