// What a check of restic has found, recorded from the real one, in sentences: one for each pack.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readFindings } from '../../../../main/adapters/backup/restic-check.ts';

const file = join(import.meta.dirname, '../../../fixtures/restic/checks.json');
const recorded = z
  .array(
    z.object({
      name: z.string(),
      restic: z.string(),
      findings: z.array(z.string()),
      lines: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(readFileSync(file, 'utf8')));

describe('findings of a check', () => {
  it.each(recorded)('of $name (restic $restic) are told', ({ findings, lines }) => {
    expect(readFindings(lines)).toEqual(findings);
  });

  it('are bounded', () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `something is wrong with ${index}`);
    expect(readFindings(lines)).toHaveLength(100);
  });
});
