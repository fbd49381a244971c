// The audit log in words.
import { describe, expect, it } from 'vitest';
import {
  auditFilterOf,
  auditSentence,
  commandOf,
  filterAudit,
  outcomeLook,
  placeOf,
  rowsOf,
} from '../../../renderer/state/audit.ts';
import type { AuditRecord } from '../../../renderer/state/audit.ts';

const record = (part: Partial<AuditRecord> = {}): AuditRecord => ({
  ...{ at: 5, door: 'cli', request: 'pool.set', outcome: 'done', subject: 'gpu' },
  ...part,
});

describe('the audit log', () => {
  it('gives each record an address that stays when newer ones come', () => {
    const [second, first] = rowsOf([record(), record()]);
    expect([second?.id, first?.id]).toEqual(['5-pool.set-1', '5-pool.set']);
    const later = rowsOf([record({ at: 9 }), record(), record()]);
    expect(later.slice(1).map(({ id }) => id)).toEqual([second?.id, first?.id]);
  });

  it('is narrowed by what became of it and by words', () => {
    const rows = rowsOf([
      record({ outcome: 'settings.invalid' }),
      record({ dryRun: true, request: 'job.cancel', subject: '41' }),
      record(),
    ]);
    const ids = (query: Record<string, string>): readonly string[] =>
      filterAudit(rows, auditFilterOf(query)).map(({ id }) => id);
    expect(ids({})).toHaveLength(3);
    expect(ids({ show: 'failed' })).toEqual(['5-pool.set-1']);
    expect(ids({ show: 'dry' })).toEqual(['5-job.cancel']);
    expect(ids({ show: 'done' })).toEqual(['5-pool.set']);
    expect(ids({ text: 'cancel 41' })).toEqual(['5-job.cancel']);
    expect(ids({ text: 'command line invalid' })).toEqual(['5-pool.set-1']);
  });

  it('leads to what a record is about', () => {
    expect(placeOf(record())).toEqual({ page: 'pools', id: 'gpu' });
    expect(placeOf(record({ request: 'settings.change', subject: 'log.level' }))).toEqual({
      ...{ page: 'settings', id: 'log.level' },
    });
    expect(placeOf(record({ request: 'gpu.use', subject: 'x' }))).toEqual({ page: 'hardware', id: null });
    expect(placeOf(record({ request: 'lab.drain' }))).toBeNull();
    expect(commandOf(record())).toBe('autogit pool set --help');
    expect(commandOf(record({ request: 'of.former-times' }))).toBeNull();
  });

  it('says what became of it in one word and in one sentence', () => {
    expect(outcomeLook(record({ dryRun: true })).word).toBe('Only asked');
    expect(auditSentence([], false)).toContain('Nobody');
    expect(auditSentence([record(), record({ outcome: 'x' })], false)).toBe(
      '2 requests, 1 refused or failed.',
    );
    expect(auditSentence([record()], true)).toBe('The newest 1 request, none refused.');
  });
});
