// The log on disk and on the terminal.
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { openLogFile } from '../../../../main/adapters/host/log-file.ts';
import { terminalSink } from '../../../../main/adapters/host/terminal.ts';
import type { LogRecord } from '../../../../main/log.ts';
import { temporaryFolder } from './temporary.ts';

function record(change: Partial<LogRecord> = {}): LogRecord {
  return {
    time: '2026-11-21T10:00:00.000Z',
    level: 'info',
    topic: 'engine',
    message: 'started',
    fields: {},
    ...change,
  };
}

const unexpected = (error: unknown): never => {
  throw error;
};

describe('the log file', () => {
  it('has one private file a day with a JSON document a line, in order, also over a restart', async () => {
    const folder = temporaryFolder();
    for (const start of [0, 3]) {
      const log = openLogFile({ folder, onFailure: unexpected });
      for (const count of [1, 2, 3]) log.sink(record({ message: `line ${String(start + count)}\nmore` }));
      await log.close();
    }
    const log = openLogFile({ folder, onFailure: unexpected });
    log.sink(record({ time: '2026-11-22T00:00:00.000Z', fields: { pool: 'gpu' } }));
    await log.close();
    expect(readdirSync(folder).toSorted()).toEqual(['core-2026-11-21.log', 'core-2026-11-22.log']);
    const file = path.join(folder, 'core-2026-11-21.log');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    const messages = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => (JSON.parse(line) as LogRecord).message);
    expect(messages).toEqual([1, 2, 3, 4, 5, 6].map((count) => `line ${String(count)}\nmore`));
  });

  it('goes on in another file when one is full, also after a restart', async () => {
    const folder = temporaryFolder();
    for (const part of [1, 2, 3]) {
      const log = openLogFile({ folder, onFailure: unexpected, largestFile: 150 });
      log.sink(record({ message: `part ${String(part)} ${'x'.repeat(200)}` }));
      await log.close();
      log.sink(record({ message: `part ${String(part)}` }));
      await log.close();
    }
    expect(readdirSync(folder).toSorted()).toEqual([
      'core-2026-11-21.1.log',
      'core-2026-11-21.2.log',
      'core-2026-11-21.3.log',
      'core-2026-11-21.log',
    ]);
  });

  it('keeps the 14 newest files and touches no other', async () => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'other-2001-01-01.log'), '');
    for (let day = 1; day <= 20; day += 1) {
      writeFileSync(path.join(folder, `core-2026-10-${String(day).padStart(2, '0')}.log`), '');
    }
    const log = openLogFile({ folder, onFailure: unexpected });
    log.sink(record());
    await log.close();
    const left = readdirSync(folder).toSorted();
    expect(left).toHaveLength(15);
    expect([left[0], left[13], left[14]]).toEqual([
      'core-2026-10-08.log',
      'core-2026-11-21.log',
      'other-2001-01-01.log',
    ]);
  });

  it('tells when it cannot write, and writes again when it can', async () => {
    const folder = path.join(temporaryFolder(), 'gone');
    const failures: unknown[] = [];
    const log = openLogFile({ folder, onFailure: (error) => failures.push(error) });
    for (const message of ['one', 'two']) {
      log.sink(record({ message }));
      await log.close();
    }
    expect(failures).toHaveLength(1);
    mkdirSync(folder);
    log.sink(record({ message: 'three' }));
    await log.close();
    expect(readFileSync(path.join(folder, 'core-2026-11-21.log'), 'utf8')).toContain('three');
  });
});

describe('the terminal', () => {
  function print(shown: LogRecord, options: { isTTY?: boolean; env?: Record<string, string> } = {}): string {
    let text = '';
    terminalSink(
      { isTTY: options.isTTY ?? false, write: (part) => (text += part) },
      options.env ?? {},
    )(shown);
    return text;
  }

  it('shows time, level, topic, message and fields on one line', () => {
    const line = print(record({ level: 'warn', fields: { pool: 'gpu', count: 3, why: 'no room' } }));
    expect(line).toMatch(/^\d\d:\d\d:\d\d warn  engine: started pool=gpu count=3 why="no room"\n$/);
  });

  it('is coloured on a terminal only, and not where colours are not wanted', () => {
    const escape = '\u001b[';
    expect(print(record(), { isTTY: true })).toContain(escape);
    expect(print(record())).not.toContain(escape);
    expect(print(record(), { isTTY: true, env: { NO_COLOR: '1' } })).not.toContain(escape);
    expect(print(record(), { isTTY: true, env: { TERM: 'dumb' } })).not.toContain(escape);
  });

  it('lets no job name steer the terminal', () => {
    const line = print(
      record({ message: 'job \u001b[2J\r\u009b\u202e\nnext', fields: { name: '\u001b]0;x\u0007' } }),
    );
    expect(line.trimEnd()).toContain('job \\u001b[2J\\u000d\\u009b\\u202e\\nnext');
    expect(/[\p{Cc}\p{Bidi_Control}]/u.test(line.trimEnd())).toBe(false);
  });
});
