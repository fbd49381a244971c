// What restic says when it fails, recorded from the real one: each has its key, and a person is told what to do.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { meaningOf, resticFailed, resticSilent } from '../../../../main/adapters/backup/restic-errors.ts';
import type { BackupTarget } from '../../../../main/model/backup/target.ts';

const file = join(import.meta.dirname, '../../../fixtures/restic/failures.json');
const recorded = z
  .array(
    z.object({
      name: z.string(),
      restic: z.string(),
      key: z.string().nullable(),
      code: z.int(),
      stderr: z.array(z.string()),
    }),
  )
  .parse(JSON.parse(readFileSync(file, 'utf8')));

const target: BackupTarget = { name: 'nas', kind: 'folder', path: '/mnt/nas/lab' };

describe('words of restic', () => {
  it.each(recorded)('$name (restic $restic) is $key', ({ key, code, stderr }) => {
    expect(meaningOf(code, stderr.join('\n'))).toBe(key);
  });

  it.each(recorded)('of "$name" (restic $restic) a person is told its own words', ({ key, code, stderr }) => {
    const error = resticFailed('open the repository', target, { code, stderr: stderr.join('\n') });
    expect(error.key).toBe(key ?? 'backup.restic-failed');
    expect(error.message).toMatch(/^restic could not open the repository at \/mnt\/nas\/lab: \S/);
    expect(error.message).not.toMatch(/message_type|Fatal: |\n/);
    expect(error.next).not.toBe('');
    expect(error.fields).toEqual({ target: 'nas' });
  });

  it('believes the code of newer ones, whatever the words are', () => {
    expect(meaningOf(12, 'Fatal: something new')).toBe('backup.password-wrong');
    expect(meaningOf(11, '')).toBe('backup.locked');
    expect(meaningOf(10, '')).toBe('backup.no-repository');
  });

  it('is unreachable when it does not end in time, and says what it waited for', () => {
    const stderr = 'Load(<config/>, 0, 0) returned error, retrying after 1s: dial tcp: i/o timeout\n';
    const error = resticSilent('open the repository', target, 180, stderr);
    expect(error).toMatchObject({ key: 'backup.target-unreachable', retry: true });
    expect(error.message).toContain('i/o timeout');
    expect(resticSilent('open the repository', target, 180, '').key).toBe('backup.target-unreachable');
  });
});
