// Every error key in the code stands in docs/errors.md, and every key there is in the code.
import { glob, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;
const groups =
  'about|acme|arch|backup|bootstrap|compose|core|demo|diagnose|directory|desktop|engine|gateway|gitlab|gpu|host|http|internal|job|lab|names|notice|page|people|pool|refused|request|runner|sandbox|secrets|settings|sso|stack|store|template|trust|update|usage|user';

const keyText = new RegExp(`['"]((?:${groups})\\.[a-z][a-z0-9-]*)['"]`, 'g');
/** Where a key is given: as a field, a constant named for it, a member of a union, or the first argument of a maker. */
const givesKey =
  /^ {2}\| 'gateway\.|^ {2}'acme\.|\b\w*[kK]ey(?:: \w+)?\s*[:=][^=]|\b(?:usage|check|issue|\w*Problem|\w*[eE]rror)\(\s*['"]/;
/** The maker of the bootstrap's engine errors adds the group itself. */
const bootstrapKey = /\bproblem\(\s*['"](engine-[a-z][a-z0-9-]*)['"]/g;

function keysIn(text: string): readonly string[] {
  // An argument may stand on a line of its own, below its call.
  const lines = text.replaceAll(/\(\s*\n\s*/g, '(').split('\n');
  const given = lines.filter((line) => givesKey.test(line)).flatMap((line) => [...line.matchAll(keyText)]);
  const bootstrap = [...text.matchAll(bootstrapKey)].map(([, key]) => `bootstrap.${key ?? ''}`);
  return [...given.map(([, key]) => key ?? ''), ...bootstrap];
}

async function keysInCode(): Promise<ReadonlySet<string>> {
  const keys = new Set<string>();
  for await (const file of glob('{main,electron,renderer}/**/*.{ts,tsx,js}', { cwd: root })) {
    const text = await readFile(`${root}${file}`, 'utf8');
    for (const key of keysIn(text)) keys.add(key);
  }
  return keys;
}

async function keysInDocument(): Promise<ReadonlySet<string>> {
  const text = await readFile(`${root}docs/errors.md`, 'utf8');
  const cells = text.split('\n').flatMap((line) => /^\| (`[^|]*`) \|/.exec(line)?.[1] ?? []);
  return new Set(cells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, key]) => key ?? '')));
}

describe('docs/errors.md', () => {
  it('lists every key that the code can give', async () => {
    const documented = await keysInDocument();
    expect([...(await keysInCode())].filter((key) => !documented.has(key)).sort()).toEqual([]);
  });

  it('lists no key that the code cannot give', async () => {
    const given = await keysInCode();
    expect([...(await keysInDocument())].filter((key) => !given.has(key)).sort()).toEqual([]);
  });
});
