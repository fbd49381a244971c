// JSON of tools: read whole or not at all, one value at a time, each in its unit.
import { bounds, known, parseText, textOf } from './values.ts';
import type { Amount } from './values.ts';

/** Longer answers are no tool's. */
const longest = 4_194_304;

/** `undefined` for what is no JSON. Never throws. */
export function parseJson(output: unknown): unknown {
  const text = textOf(output);
  if (text.length > longest) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

/** An object's own values, by name; nothing of what is none. */
export function fieldsOf(value: unknown): ReadonlyMap<string, unknown> {
  const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
  return new Map(isObject ? Object.entries(value) : []);
}

/** What is at a path of names; `undefined` where there is nothing. */
export function valueAt(value: unknown, ...path: readonly string[]): unknown {
  return path.reduce((at, name) => fieldsOf(at).get(name), value);
}

export function itemsOf(value: unknown): readonly unknown[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [];
  return items;
}

/** A text or number as a text; empty for everything else. */
export function wordsOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'number' && Number.isFinite(value) ? String(value) : '';
}

/** A text that a tool means: no placeholder, nothing unprintable. */
export function textAt(value: unknown, ...path: readonly string[]): string | null {
  return parseText(wordsOf(valueAt(value, ...path)));
}

interface Bounds {
  readonly min: number;
  readonly max: number;
}

/**
 * A number, also one that is written as a text: `51522830336`, `"51522830336"`. Missing is `null`, as is what tools print
 * where they have no value.
 */
export function amountOf(value: unknown, { min, max }: Bounds): Amount {
  if (value === undefined || value === null) return null;
  const words = wordsOf(value).trim();
  if (typeof value === 'string' && parseText(words) === null && words.length <= 200) return null;
  const number = /^-?\d{1,16}(?:\.\d{1,9})?$/.test(words) ? Number(words) : NaN;
  return number >= min && number <= max ? number : 'unclear';
}

/** A whole number of bytes: a point in it would be one of another locale. */
export function bytesOf(value: unknown): Amount {
  const amount = amountOf(value, bounds.bytes);
  return amount === null || amount === 'unclear' || /^\d+$/.test(wordsOf(value).trim()) ? amount : 'unclear';
}

export function numberAt(value: unknown, bounds: Bounds, ...path: readonly string[]): number | null {
  return known(amountOf(valueAt(value, ...path), bounds));
}

/**
 * The objects of a stream of JSON, and what comes after the last whole one: an array that is never closed, with or without
 * commas, or one object after another. What is no object, or longer than any, is passed over. Never throws.
 */
export function splitObjects(text: string): { readonly objects: readonly string[]; readonly rest: string } {
  const objects: string[] = [];
  let [depth, start, end] = [0, 0, 0];
  for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}]/gs)) {
    const [token] = match;
    if (token === '{' && depth++ === 0) start = match.index;
    if (token !== '}' || depth === 0 || --depth > 0) continue;
    end = match.index + 1;
    objects.push(text.slice(start, end));
  }
  const rest = depth > 0 ? text.slice(start) : text.slice(end);
  return { objects, rest: rest.length > longest ? '' : rest };
}
