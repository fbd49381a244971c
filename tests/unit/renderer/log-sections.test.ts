// Sections of a log, their folding, and looking for words: https://docs.gitlab.com/ci/jobs/job_logs/
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { plainText } from '../../../renderer/state/log-export.ts';
import { createLogBook } from '../../../renderer/state/log-book.ts';
import type { LogBook } from '../../../renderer/state/log-book.ts';
import {
  formatLines,
  noFolds,
  parseLines,
  revealed,
  rowsOf,
  withFold,
} from '../../../renderer/state/log-rows.ts';
import type { Folds } from '../../../renderer/state/log-rows.ts';
import {
  markedSpans,
  mostFound,
  needleOf,
  nothingFound,
  ordinalOf,
  placeFrom,
  searchOn,
} from '../../../renderer/state/log-search.ts';
import type { Found } from '../../../renderer/state/log-search.ts';

const start = (name: string, at: number, options = ''): string =>
  `\u001b[0Ksection_start:${at}:${name}${options}\r\u001b[0K`;
const end = (name: string, at: number): string => `\u001b[0Ksection_end:${at}:${name}\r\u001b[0K`;

/** As gitlab-runner writes it: a section ends in the line in which the next begins. */
const runnerLog = [
  'Running with gitlab-runner 18.7.0\n',
  `${start('prepare_executor', 100)}\u001b[36;1mPreparing the "docker" executor\u001b[0;m\n`,
  'Using image alpine\n',
  `${end('prepare_executor', 112)}${start('step_script', 112)}\u001b[36;1mExecuting "step_script"\u001b[0;m\n`,
  `${start('install', 113, '[collapsed=true]')}Installing\n`,
  'one package\n',
  'another package\n',
  `${end('install', 173)}\n`,
  'the needle is here\n',
  `no line end${end('step_script', 200)}${start('cleanup', 200)}\u001b[36;1mCleaning up\u001b[0;m\n`,
  `${end('cleanup', 201)}\u001b[32;1mJob succeeded\u001b[0;m\n`,
].join('');

function read(text: string): LogBook {
  const book = createLogBook();
  book.append(text);
  return book;
}

function shownBy(book: LogBook, folds: Folds = noFolds): readonly string[] {
  const rows = rowsOf(book.count, book.sections, folds);
  return Array.from({ length: rows.count }, (_, row) => book.text(rows.lineAt(row)));
}

const book = read(runnerLog);

describe('sections', () => {
  it('are read as gitlab-runner writes them, with how long they took', () => {
    const told = book.sections.map(({ name, header, end: until, seconds, depth, isFolded }) => ({
      ...{ name, header: book.text(header), lines: (until ?? book.count) - header - 1 },
      ...{ seconds, depth, isFolded },
    }));
    expect(told).toEqual([
      {
        name: 'prepare_executor',
        header: 'Preparing the "docker" executor',
        lines: 1,
        seconds: 12,
        depth: 0,
        isFolded: false,
      },
      {
        name: 'step_script',
        header: 'Executing "step_script"',
        lines: 5,
        seconds: 88,
        depth: 0,
        isFolded: false,
      },
      { name: 'install', header: 'Installing', lines: 2, seconds: 60, depth: 1, isFolded: true },
      { name: 'cleanup', header: 'Cleaning up', lines: 0, seconds: 1, depth: 0, isFolded: false },
    ]);
  });

  it('begin folded where the job wants it, and a fold hides its lines alone', () => {
    expect(shownBy(book)).toEqual([
      'Running with gitlab-runner 18.7.0',
      'Preparing the "docker" executor',
      'Using image alpine',
      'Executing "step_script"',
      'Installing',
      'the needle is here',
      'no line end',
      'Cleaning up',
      'Job succeeded',
    ]);
    expect(shownBy(book, withFold(noFolds, 2, false))).toContain('one package');
    expect(shownBy(book, { all: 'folded', own: new Map() })).toEqual([
      'Running with gitlab-runner 18.7.0',
      'Preparing the "docker" executor',
      'Executing "step_script"',
      'Cleaning up',
      'Job succeeded',
    ]);
  });

  it('are opened, every one of them, for a line that is gone to', () => {
    const folded: Folds = { all: 'folded', own: new Map() };
    const line = 6;
    expect(book.text(line)).toBe('another package');
    const opened = revealed(folded, book, line);
    expect(shownBy(book, opened)).toContain('another package');
    expect(shownBy(book, opened)).not.toContain('Using image alpine');
    expect(revealed(opened, book, line)).toBe(opened);
  });

  it('have their name for a header where they say nothing, and end when the one around them ends', () => {
    const nested = read(`${start('outer', 1)}${start('in_ner', 2)}\nx\n${end('outer', 9)}\ny\n`);
    expect(nested.sections.map(({ header }) => nested.text(header))).toEqual(['outer', 'in ner']);
    expect(nested.sections.map(({ seconds }) => seconds)).toEqual([8, null]);
    expect(nested.sectionOf(nested.count - 1)).toBeNull();
  });

  it('that are only talked about are text', () => {
    const text = 'echo section_start:1:x and section_end:1:x';
    const talk = read(`${text}\n`);
    expect([talk.text(0), talk.sections]).toEqual([text, []]);
  });

  it('know the row of every line, and of a hidden one its header', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(3)), (folded) => {
        const folds = folded.reduce((before, index) => withFold(before, index, true), noFolds);
        const rows = rowsOf(book.count, book.sections, folds);
        for (let row = 0; row < rows.count; row += 1) expect(rows.rowOf(rows.lineAt(row))).toBe(row);
        for (let line = 0; line < book.count; line += 1)
          expect(rows.lineAt(rows.rowOf(line))).toBeLessThanOrEqual(line);
      }),
    );
  });
});

describe('times that the runner writes', () => {
  const timed = read(
    [
      '2026-01-02T03:04:05.123456Z 00O first\n',
      '2026-01-02T03:04:06.000000Z 01O half of a \n',
      '2026-01-02T03:04:07.000000Z 01O+long line\n',
      `2026-01-02T03:04:08.000000Z 00O ${start('step', 5)}Header\n`,
      '2026-01-02T03:04:09.000000Z 01E to standard error\n',
    ].join(''),
  );

  it('are told beside the lines and not in them, and pieces of a line are one line', () => {
    expect(Array.from({ length: timed.count }, (_, line) => timed.text(line))).toEqual([
      ...['first', 'half of a long line', 'Header', 'to standard error'],
    ]);
    expect(timed.hasTimes).toBe(true);
    expect(timed.time(0)).toBe(Date.parse('2026-01-02T03:04:05.123Z'));
    expect(timed.sections.map(({ header }) => header)).toEqual([2]);
  });

  it('are text where the log did not begin with one', () => {
    const line = '2026-01-02T03:04:05.123456Z 00O first';
    const other = read(`$ cat log\n${line}\n`);
    expect([other.text(1), other.hasTimes]).toEqual([line, false]);
  });
});

function search(words: string, most = 1_000): Found {
  const needle = needleOf(words);
  let found = nothingFound;
  while (needle !== null && found.looked < book.count)
    found = searchOn(found, book, needle, book.count, most);
  return found;
}

describe('looking for words', () => {
  it('finds them in large and small letters, folded or not, however it is sliced', () => {
    expect(search('PACKAGE').lines).toEqual([5, 6]);
    expect(search('package', 2)).toEqual(search('package'));
    expect(search('').lines).toEqual([]);
  });

  it('takes signs as they are', () => {
    expect(search('"docker"').lines).toEqual([1]);
    expect(search('.').lines).toEqual([0, 0]);
    expect(search('[').lines).toEqual([]);
    fc.assert(fc.property(fc.string({ minLength: 1 }), (words) => needleOf(words)?.test(words) === true));
  });

  it('begins at the line in sight, and says which of a line it is', () => {
    const found = search('n');
    expect(found.lines[placeFrom(found, 4)]).toBe(4);
    expect(placeFrom(found, 1_000)).toBe(0);
    expect([0, 1, 2, 3].map((place) => ordinalOf(found, place))).toEqual([0, 1, 2, 3]);
  });

  it('counts no more places than anybody goes through', () => {
    const many = read(`${'x'.repeat(mostFound + 5)}\n`);
    const found = searchOn(nothingFound, many, /x/giu, 1, 1);
    expect([found.lines.length, found.isCut]).toEqual([mostFound, true]);
  });

  it('marks them across colours without changing the text', () => {
    const line = read('a\u001b[31mne\u001b[0medle\n').line(0);
    const spans = markedSpans(line, needleOf('needle'));
    expect(spans.map(({ text, place }) => [text, place])).toEqual([
      ['a', null],
      ['ne', 0],
      ['edle', 0],
    ]);
    expect(spans[1]?.style.ink).toBe('red');
  });
});

describe('lines of an address', () => {
  it.each([
    ['120', { from: 119, to: 119 }],
    ['120-140', { from: 119, to: 139 }],
    ['140-120', { from: 119, to: 139 }],
  ])('are read from %s', (text, range) => {
    expect(parseLines(text)).toEqual(range);
  });

  it.each([undefined, '', '0', 'x', '-3', '1-', '99999999', '1-2-3'])('are none in %j', (text) => {
    expect(parseLines(text)).toBeNull();
  });

  it('are said as they are read', () => {
    for (const text of ['7', '7-9']) expect(formatLines(parseLines(text) ?? { from: 0, to: 0 })).toBe(text);
  });
});

describe('a log to take along', () => {
  it('has every line without its colours, folded or not', async () => {
    expect((await plainText(book, null)).split('\n')).toHaveLength(book.count);
    expect(await plainText(book, { from: 5, to: 6 })).toBe('one package\nanother package');
    expect(await plainText(book, { from: 8, to: 900 })).toContain('Job succeeded');
  });
});
