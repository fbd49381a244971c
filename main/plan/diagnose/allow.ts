// What of a document may leave this machine: a list of fields, and nothing that is not on it.

/** `true`: all below; a name `*`: every field that is not named besides. Lists are gone through item by item. */
export type Allowed = true | { readonly [field: string]: Allowed };

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [field: string]: Plain };

/** The allowed part of a document as plain data; texts and names of fields go through `clean`. */
export function allowedPart(value: unknown, allowed: Allowed, clean: (text: string) => string): Plain {
  if (Array.isArray(value)) return value.map((item) => allowedPart(item, allowed, clean));
  switch (typeof value) {
    case 'string':
      // A branch where only fields are listed has room for no bare value.
      return allowed === true ? clean(value) : null;
    case 'number':
    case 'boolean':
      return allowed === true ? value : null;
    case 'bigint':
      return allowed === true ? Number(value) : null;
    case 'object': {
      if (value === null) return null;
      const kept = Object.entries(value).flatMap(([name, item]: [string, unknown]) => {
        const below = fieldOf(allowed, name);
        return below === null || item === undefined
          ? []
          : [[clean(name), allowedPart(item, below, clean)] as const];
      });
      return Object.fromEntries(kept);
    }
    case 'undefined':
    case 'function':
    case 'symbol':
      return null;
  }
}

function fieldOf(allowed: Allowed, name: string): Allowed | null {
  if (allowed === true) return true;
  if (Object.hasOwn(allowed, name)) return allowed[name] ?? null;
  return allowed['*'] ?? null;
}

/** A list of names, all of them as they are. */
export function fields(...names: readonly string[]): { readonly [field: string]: true } {
  return Object.fromEntries(names.map((name) => [name, true as const]));
}
