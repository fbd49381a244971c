// Authelia's configuration as its rules look at it: the file, and what variables add to it.
import { parse } from 'yaml';
import { variableFor } from './variables.ts';

/** What Authelia is started with. */
export interface AutheliaSetup {
  /** The file, parsed; what its own template filter fills in is text in it. */
  readonly configuration: unknown;
  /** Of its container. */
  readonly environment: Readonly<Record<string, string>>;
}

export type ReadSetup =
  { readonly ok: true; readonly setup: AutheliaSetup } | { readonly ok: false; readonly why: string };

/** `environment`: of the service in the Compose file. */
export function readSetup(text: string, environment: Readonly<Record<string, string>>): ReadSetup {
  try {
    const configuration: unknown = parse(text, { schema: 'core', maxAliasCount: 0 });
    if (typeof configuration !== 'object' || configuration === null || Array.isArray(configuration))
      return { ok: false, why: 'it has no settings' };
    return { ok: true, setup: { configuration, environment } };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? (error.message.split('\n')[0] ?? '') : 'it fails' };
  }
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

/** Whether a setting has a value from anywhere. */
export function isGiven({ configuration, environment }: AutheliaSetup, path: string): boolean {
  const variable = variableFor(path);
  return (
    has(configuration, path) ||
    [variable, `${variable}_FILE`].some((name) => (environment[name] ?? '') !== '')
  );
}
