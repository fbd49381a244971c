// Authelia's configuration as its rules look at it: the file, and what variables add to it.
import { parse } from 'yaml';
import { variableFor } from './variables.ts';

/** What Authelia is started with. */
export interface AutheliaSetup {
  /** The file, parsed; what its own template filter fills in is text in it. */
  readonly configuration: unknown;
  /** Of its container. */
  readonly environment: Readonly<Record<string, string>>;
  /** Whether nothing else is in its environment; otherwise nothing is known to be missing. */
  readonly isWhole: boolean;
}

export type ReadSetup =
  { readonly ok: true; readonly setup: AutheliaSetup } | { readonly ok: false; readonly why: string };

/** Some people write a rule once and name it again; a file that grows without end is refused. */
const mostAliases = 1000;

/** YAML as Authelia and Compose read it: with aliases and merged parts. Throws what is wrong. */
export function parseYaml(text: string): unknown {
  const value: unknown = parse(text, { schema: 'core', merge: true, maxAliasCount: mostAliases });
  if (containsItself(value, [], new Set())) throw new Error('a part of it contains itself');
  return value;
}

function containsItself(value: unknown, above: readonly unknown[], seen: Set<unknown>): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (above.includes(value)) return true;
  if (seen.has(value)) return false;
  seen.add(value);
  return Object.values(value).some((item) => containsItself(item, [...above, value], seen));
}

/** `environment`: of the service in the Compose file; `isWhole`: whether that is all. */
export function readSetup(
  text: string,
  environment: Readonly<Record<string, string>>,
  isWhole = true,
): ReadSetup {
  try {
    const configuration = parseYaml(text);
    if (typeof configuration !== 'object' || configuration === null || Array.isArray(configuration))
      return { ok: false, why: 'it has no settings' };
    return { ok: true, setup: { configuration, environment, isWhole } };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it fails' };
  }
}

/** Whether Authelia's own template filter fills a value in when it starts. */
export function isFilledIn(value: string): boolean {
  return value.includes('{{');
}

function child(value: unknown, name: string): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
  return Object.entries(value).find(([key]) => key === name)?.[1];
}

/** A setting in a part of the file: `session.cookies`; `undefined`: it is not there. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce(child, value);
}

export function has(value: unknown, path: string): boolean {
  const found = at(value, path);
  return found !== undefined && found !== null && found !== '';
}

export function text(value: unknown, path: string): string | null {
  const found = at(value, path);
  return typeof found === 'string' || typeof found === 'number' ? String(found) : null;
}

/** A single one may stand without its list. */
export function list(value: unknown, path: string): readonly unknown[] {
  const found = at(value, path);
  if (Array.isArray(found)) return found;
  return found === undefined || found === null ? [] : [found];
}

/** What the entries of a part are called. */
export function names(value: unknown): readonly string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

/** Whether a setting has a value from anywhere, as far as anybody can see. */
export function isGiven({ configuration, environment, isWhole }: AutheliaSetup, path: string): boolean {
  const variable = variableFor(path);
  return (
    !isWhole ||
    has(configuration, path) ||
    [variable, `${variable}_FILE`].some((name) => (environment[name] ?? '') !== '')
  );
}
