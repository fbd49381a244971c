// Every test that docs/complaints.md calls as a witness is there, under its name.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '../../..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const sections = read('docs/complaints.md').split(/^## /m).slice(1);
const witness = /^- `(tests\/[^`]+)`: "(.+)"$/gm;

describe('the ten complaints', () => {
  it('are ten, in order', () => {
    expect(sections.map((section) => Number.parseInt(section, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  it.each(sections.map((section) => [section.split('\n')[0] ?? '', section] as const))(
    '%s: its tests exist',
    (_title, section) => {
      const named = [...section.matchAll(witness)].map(([, file = '', name = '']) => ({ file, name }));
      expect(named.length).toBeGreaterThan(0);
      // A line that is no witness is a mistake in writing one.
      expect(named).toHaveLength(section.split('\n').filter((line) => line.startsWith('- ')).length);
      const quotes = ["'", '"', '`'];
      const missing = named.filter(
        ({ file, name }) => !quotes.some((quote) => read(file).includes(`${quote}${name}${quote}`)),
      );
      expect(missing).toEqual([]);
    },
  );
});
