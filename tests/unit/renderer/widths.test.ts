// Layouts ask for the room that the size of text leaves: only questions in this form are put to the body (vite.config.ts).
import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const renderer = fileURLToPath(new URL('../../../renderer/', import.meta.url));

it('styles ask for widths and heights as (max-width: 720px), which the size of text changes', async () => {
  const asked: string[] = [];
  for await (const file of glob('**/*.css', { cwd: renderer }))
    for (const [, question = ''] of (await readFile(`${renderer}${file}`, 'utf8')).matchAll(
      /@media (.+) \{/g,
    ))
      asked.push(`${file}: ${question}`);
  const ofRoom = asked.filter((question) => /width|height/.test(question));
  expect(ofRoom.length).toBeGreaterThan(10);
  expect(ofRoom.filter((question) => !/: \((?:max|min)-(?:width|height): \d+px\)$/.test(question))).toEqual(
    [],
  );
});
