// A short, stable fingerprint of plain data, for noticing that a specification changed.

type Plain = string | number | boolean | null | readonly Plain[] | { readonly [key: string]: Plain };

/** Text that is equal for equal data: keys sorted, no white space. */
export function canonical(value: Plain): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const pairs = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${pairs.map(([key, item]) => `${JSON.stringify(key)}:${canonical(item)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** 64-bit FNV-1a of the canonical text, 16 hex digits. For change detection only, never for security. */
export function specHash(value: Plain): string {
  let hash = 0xcbf29ce484222325n;
  for (const char of canonical(value)) {
    hash ^= BigInt(char.codePointAt(0) ?? 0);
    hash = (hash * 0x100000001b3n) & 0xffffffffffffffffn;
  }
  return hash.toString(16).padStart(16, '0');
}
