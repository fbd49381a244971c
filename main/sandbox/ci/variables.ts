// CI variables: precedence, references between them, and `$NAME` in texts.
import type { CiVariable } from './pipeline-spec.ts';

/** A variable of the file is public, never masked and never a file. */
export const fileVariable = (key: string, value: string, raw = false): CiVariable => ({
  key,
  value,
  public: true,
  masked: false,
  file: false,
  raw,
});

/** Joins lists, lowest precedence first: a later variable takes the place of an earlier one of its name. */
export function mergeVariables(...lists: readonly (readonly CiVariable[])[]): readonly CiVariable[] {
  const merged = new Map<string, CiVariable>();
  for (const list of lists) for (const variable of list) merged.set(variable.key, variable);
  return [...merged.values()];
}

export type VariableValues = ReadonlyMap<string, string>;

export const valuesOf = (variables: readonly CiVariable[]): VariableValues =>
  new Map(variables.map(({ key, value }) => [key, value]));

/** GitLab: lib/expand_variables.rb. */
const reference = /\$([a-zA-Z_][a-zA-Z0-9_]*)|\$\{([a-zA-Z_][a-zA-Z0-9_]*)\}|%([a-zA-Z_][a-zA-Z0-9_]*)%/g;

/** References may multiply each other's length; beyond this, texts and variables stay unexpanded. */
const maxExpandedLength = 1024 * 1024;

/** Puts values in for `$NAME`, `${NAME}` and `%NAME%`; those of unknown names vanish. */
export const expand = (text: string, values: VariableValues): string =>
  replaceReferences(text, (name) => values.get(name) ?? '');

/** As `expand`, but references to unknown names stay as they are. */
export const expandExisting = (text: string, values: VariableValues): string =>
  replaceReferences(text, (name, whole) => values.get(name) ?? whole);

function replaceReferences(text: string, valueOf: (name: string, whole: string) => string): string {
  return replaceLimited(text, reference, (match) =>
    valueOf(match[1] ?? match[2] ?? match[3] ?? '', match[0]),
  );
}

/** Replaces until the text has grown to `maxExpandedLength`; what is left then stays unexpanded. */
function replaceLimited(
  text: string,
  pattern: RegExp,
  replacement: (match: RegExpExecArray) => string,
): string {
  const parts: string[] = [];
  let length = 0;
  let position = 0;
  for (const match of text.matchAll(pattern)) {
    if (length > maxExpandedLength) break;
    const part = text.slice(position, match.index) + replacement(match);
    parts.push(part);
    length += part.length;
    position = match.index + match[0].length;
  }
  return parts.join('') + text.slice(position);
}

/** `$$` and `%%` are escapes that stay as they are. GitLab: lib/gitlab/ci/variables/collection/item.rb. */
const referenceOrEscape = /\$\$|%%|\$(\w+)|\$\{(\w+)\}|%(\w+)%/g;

const nameIn = (match: RegExpExecArray): string | undefined => match[1] ?? match[2] ?? match[3];

export interface ExpandOptions {
  /** References to unknown variables stay instead of vanishing. */
  readonly keepUndefined: boolean;
  /** References to file and raw variables stay: the runner expands them. */
  readonly keepFileAndRaw: boolean;
}

export type ExpandedVariables =
  | { readonly kind: 'expanded'; readonly variables: readonly CiVariable[] }
  /** GitLab's message, e.g. `circular variable reference detected: ["A", "B"]`. */
  | { readonly kind: 'circular'; readonly message: string };

/**
 * Expands references between variables, each after those that it refers to; raw ones stay as they are.
 * What runners get is expanded with both options on (GitLab: app/presenters/ci/build_runner_presenter.rb).
 */
export function expandVariables(variables: readonly CiVariable[], options: ExpandOptions): ExpandedVariables {
  const byKey = new Map(mergeVariables(variables).map((variable) => [variable.key, variable]));
  const order = sortByReferences(byKey);
  if (order.kind === 'circular') {
    return {
      kind: 'circular',
      message: `circular variable reference detected: ${JSON.stringify(order.keys)}`,
    };
  }
  const expanded = new Map<string, CiVariable>();
  let length = 0;
  for (const variable of order.variables) {
    const keeps = variable.raw || length > maxExpandedLength;
    const value = keeps ? variable.value : expandedValue(variable.value, expanded, options);
    if (!keeps) length += value.length;
    expanded.set(variable.key, { ...variable, value });
  }
  return { kind: 'expanded', variables: [...byKey.keys()].flatMap((key) => expanded.get(key) ?? []) };
}

function expandedValue(text: string, known: ReadonlyMap<string, CiVariable>, options: ExpandOptions): string {
  return replaceLimited(text, referenceOrEscape, (match) => {
    const name = nameIn(match);
    if (name === undefined) return match[0];
    const variable = known.get(name);
    if (variable === undefined) return options.keepUndefined ? match[0] : '';
    return options.keepFileAndRaw && (variable.file || variable.raw) ? match[0] : variable.value;
  });
}

type Order =
  | { readonly kind: 'sorted'; readonly variables: readonly CiVariable[] }
  | { readonly kind: 'circular'; readonly keys: readonly string[] };

/** Depth-first, with a stack of its own: chains of variables may be long. */
function sortByReferences(byKey: ReadonlyMap<string, CiVariable>): Order {
  const sorted: CiVariable[] = [];
  const state = new Map<string, 'open' | 'done'>();
  for (const start of byKey.keys()) {
    const path: { readonly variable: CiVariable; readonly names: string[] }[] = [];
    const enter = (key: string): void => {
      const variable = byKey.get(key);
      if (variable === undefined) return;
      state.set(key, 'open');
      path.push({ variable, names: variable.raw ? [] : referencedNames(variable.value) });
    };
    if (state.get(start) === undefined) enter(start);
    for (let top = path.at(-1); top !== undefined; top = path.at(-1)) {
      const name = top.names.pop();
      if (name === undefined) {
        path.pop();
        state.set(top.variable.key, 'done');
        sorted.push(top.variable);
      } else if (state.get(name) === 'open') {
        const keys = path.map(({ variable }) => variable.key);
        return { kind: 'circular', keys: keys.slice(keys.indexOf(name)) };
      } else if (state.get(name) === undefined) enter(name);
    }
  }
  return { kind: 'sorted', variables: sorted };
}

function referencedNames(value: string): string[] {
  const names = [...value.matchAll(referenceOrEscape)].flatMap((match) => nameIn(match) ?? []);
  return [...new Set(names)].reverse();
}
