// Liquid with its teeth drawn: no files, no clock, no chance, and no value without a filter of its place's syntax.
import { Liquid, Tokenizer, TypeGuards, Value } from 'liquidjs/dist/liquid.browser.mjs';
import { plainFilters, plainTags, SafeText, syntaxFilters } from './filters.ts';

/** Where a text goes: `compose` doubles every `$`, because Compose reads them. */
export type Place = 'file' | 'compose';
/** What a template may read. */
export type Scope = Readonly<Record<string, unknown>>;

/** Far above what a template of ours takes, far below what would be felt. */
const limits = { parseLimit: 500_000, renderLimit: 10_000, memoryLimit: 1_000_000 } as const;
/** Tags, outputs and pieces of text in one rendering. */
const templateLimit = 50_000;

/** The last word on every value that is written. */
function onlySafe(value: unknown): string {
  if (value instanceof SafeText) return value.text;
  throw new Error('a value is written without a filter for the syntax of its place');
}

function at(list: unknown, index: number): unknown {
  const items: readonly unknown[] = Array.isArray(list) ? list : [];
  return items.at(index) ?? null;
}

function engine(place: Place): Liquid {
  const liquid = new Liquid({
    ...limits,
    ...{ strictVariables: true, strictFilters: true, ownPropertyOnly: true, outputEscape: onlySafe },
    ...{ templates: {}, cache: false, relativeReference: false },
  });
  for (const name of Object.keys(liquid.filters)) {
    if (!plainFilters.has(name)) liquid.unregisterFilter(name);
  }
  // Of an empty list there is none, which is no mistake.
  liquid.registerFilter('first', (list: unknown) => at(list, 0));
  liquid.registerFilter('last', (list: unknown) => at(list, -1));
  for (const name of Object.keys(liquid.tags)) {
    if (!plainTags.has(name)) Reflect.deleteProperty(liquid.tags, name);
  }
  for (const [name, write] of Object.entries(syntaxFilters[place])) {
    liquid.registerFilter(name, (value: unknown) => {
      if (value instanceof SafeText && value.syntax !== name)
        throw new Error(`the filter ${name} follows the filter ${value.syntax}`);
      return value instanceof SafeText ? value : new SafeText(name, write(value));
    });
  }
  return liquid;
}

const made: Partial<Record<Place, Liquid>> = {};

/** Made when a text is there: a core without a stack never pays for it. */
function engineOf(place: Place): Liquid {
  return (made[place] ??= engine(place));
}

/** The text with all its values. Throws what is wrong with it, with line and column. */
export function renderText(text: string, scope: Scope, place: Place = 'file'): string {
  const bare = bareOutputs(text, place);
  if (bare.length > 0) throw new Error(`${bare.join(', ')} has no filter for the syntax of its place`);
  const rendered: unknown = engineOf(place).parseAndRenderSync(text, { ...scope }, { templateLimit });
  return typeof rendered === 'string' ? rendered : '';
}

/** The value of an expression such as `sso == "authelia"` or `lab.sshPort`. Throws like `renderText`. */
export function evaluate(expression: string, scope: Scope): unknown {
  const value: unknown = engineOf('file').evalValueSync(expression, { ...scope });
  return value instanceof SafeText ? value.text : value;
}

/** Whether it holds, in Liquid's sense: everything but `false` and `nil`. A missing expression always holds. */
export function holds(expression: string | undefined, scope: Scope): boolean {
  if (expression === undefined) return true;
  const value = evaluate(expression, scope);
  return value !== false && value !== null && value !== undefined;
}

/** The outputs of a text that do not end in a filter of their place's syntax, whether they are reached or not. */
export function bareOutputs(text: string, place: Place = 'file'): readonly string[] {
  const liquid = engineOf(place);
  const tokens = new Tokenizer(text, liquid.options.operators).readTopLevelTokens(liquid.options);
  return tokens.flatMap((token) => {
    if (!TypeGuards.isOutputToken(token)) return [];
    const last = new Value(token.content, liquid).filters.at(-1)?.name ?? '';
    return Object.hasOwn(syntaxFilters[place], last) ? [] : [token.getText()];
  });
}
