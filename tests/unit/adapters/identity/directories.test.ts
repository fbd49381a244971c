// What the core loads at its start, followed from file to file.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { expect, it } from 'vitest';

/** Packages that are loaded with a file: whatever it imports as more than types, and not only when it is needed. */
function packagesOf(start: URL): ReadonlySet<string> {
  const [packages, seen, open] = [new Set<string>(), new Set<string>(), [start]];
  for (let file = open.pop(); file !== undefined; file = open.pop()) {
    if (seen.has(file.href)) continue;
    seen.add(file.href);
    const text = readFileSync(file, 'utf8');
    for (const [, from = ''] of text.matchAll(/^(?:import|export)(?! type)[^;]*?from '([^']+)';$/gm)) {
      if (from.startsWith('.')) open.push(new URL(from, file));
      else if (!from.startsWith('node:') && !builtinModules.includes(from)) packages.add(from);
    }
  }
  return packages;
}

it('loads nothing of LDAP and of certificates before somebody asks for it', () => {
  const packages = packagesOf(new URL('../../../../main/index.ts', import.meta.url));
  expect([...packages]).toContain('yaml');
  expect([...packages].filter((name) => name === 'ldapts' || name === '@peculiar/x509')).toEqual([]);
});
