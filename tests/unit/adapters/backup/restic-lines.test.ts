// Lines of restic, recorded from the real one and of newer ones by their documentation; others are nobody's business.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  createLines,
  readCounted,
  readFailedItem,
  readNode,
  readProgress,
  readSnapshots,
  readSummary,
  readVersion,
} from '../../../../main/adapters/backup/restic-lines.ts';

const recorded = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../../fixtures/restic', name), 'utf8');

describe('lines of restic', () => {
  it('tells how far a backup of 0.14 is, and what it has made', () => {
    const lines = recorded('backup-0.14.jsonl').trim().split('\n');
    expect(lines.map(readProgress)).toEqual([
      { bytesDone: 0, bytesTotal: 2, filesDone: 0, filesTotal: 1, secondsLeft: null },
      { bytesDone: 11_042_292, bytesTotal: 12_000_005, filesDone: 3, filesTotal: 4, secondsLeft: null },
      null,
    ]);
    expect(readSummary(lines[2] ?? '')).toMatchObject({
      snapshot_id: '27545bde',
      total_bytes_processed: 12_000_005,
      total_files_processed: 4,
      data_added: 0,
    });
  });

  // https://restic.readthedocs.io/en/v0.18.1/075_scripting.html#restore
  it('tells how far a restore of 0.18 is, and which file it could not restore', () => {
    const status =
      '{"message_type":"status","seconds_elapsed":2,"percent_done":0.5,"total_files":4,"files_restored":1,"total_bytes":100,"bytes_restored":50}';
    expect(readProgress(status)).toEqual({
      ...{ bytesDone: 50, bytesTotal: 100, filesDone: 1, filesTotal: 4, secondsLeft: null },
    });
    const error =
      '{"message_type":"error","error":{"message":"ciphertext verification failed"},"during":"restore","item":"/a/x"}';
    expect(readFailedItem(error)).toEqual({ path: 'a/x', words: 'ciphertext verification failed' });
    expect(readFailedItem('ignoring error for /a/x: ciphertext verification failed')).toEqual({
      ...{ path: 'a/x', words: 'ciphertext verification failed' },
    });
    expect(readFailedItem('Fatal: There were 1 errors')).toBeNull();
  });

  it('reads the list of snapshots, oldest first, with or without tags; some write null for none', () => {
    const found = readSnapshots(recorded('snapshots-0.14.json'));
    expect(found?.map(({ host, tags, at }) => ({ host, tags, at }))).toEqual([
      { host: 'nas', tags: [], at: Date.parse('2026-11-23T00:09:04.125Z') },
      { host: 'lab', tags: ['autogit'], at: Date.parse('2026-11-23T00:45:04.236Z') },
    ]);
    expect(readSnapshots('null')).toEqual([]);
    expect(readSnapshots('[]')).toEqual([]);
    expect(readSnapshots('{"message_type":"status"}')).toBeNull();
  });

  it('reads the files of a snapshot, of newer ones too', () => {
    const nodes = recorded('ls-0.14.jsonl')
      .trim()
      .split('\n')
      .flatMap((line) => readNode(line) ?? []);
    expect(nodes.slice(0, 3)).toEqual([
      { path: 'a', type: 'dir', bytes: 0 },
      { path: 'a/[q]*', type: 'file', bytes: 2 },
      { path: 'a/x', type: 'file', bytes: 9_000_000 },
    ]);
    const newer = '{"message_type":"node","struct_type":"node","name":"d","type":"chardev","path":"/d"}';
    expect(readNode(newer)).toEqual({ path: 'd', type: 'other', bytes: 0 });
  });

  it('counts packs of a prune, which has no JSON', () => {
    expect(readCounted('[0:07] 45.00%  9 / 20 packs processed')).toMatchObject({
      filesDone: 9,
      filesTotal: 20,
    });
    expect(readCounted('[0:00]          0 packs processed')).toBeNull();
  });

  it('reads versions as systems write them', () => {
    const texts = [
      'restic 0.14.0 compiled with go1.19.8 on linux/amd64\n',
      'restic 0.18.1-dev (compiled manually) compiled with go1.24 on linux/arm64',
      'restic 0.16 compiled by hand',
    ];
    expect(texts.map((text) => readVersion(text)?.text)).toEqual(['0.14.0', '0.18.1-dev', '0.16']);
    expect(readVersion('some other program 1.2.3')).toBeNull();
  });

  it('gives the same lines however the output is cut into parts', () => {
    const text = 'one\r[0:01] ümlaut\n\n{"a":1}\nlast';
    fc.assert(
      fc.property(fc.array(fc.nat({ max: Buffer.byteLength(text) })), (cuts) => {
        const bytes = Buffer.from(text);
        const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
        const lines = createLines();
        const found = edges.slice(1).flatMap((end, index) => lines.add(bytes.subarray(edges[index], end)));
        expect([...found, ...lines.rest()]).toEqual(['one', '[0:01] ümlaut', '{"a":1}', 'last']);
      }),
    );
  });

  it('takes nothing else for one of them', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (line) => {
        for (const read of [readProgress, readSummary, readNode, readCounted]) expect(read(line)).toBeNull();
      }),
    );
  });
});
