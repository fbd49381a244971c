// What Compose prints, of every version that the stack works with, and of none.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createLineSplitter, createTail, longestLine } from '../../../../main/adapters/compose/output.ts';
import {
  isAtLeast,
  lastWords,
  parseContainers,
  parseEvent,
  parseVersion,
} from '../../../../main/adapters/compose/parse.ts';

describe('a version', () => {
  it.each([
    ['2.40.3', '2.40.3'],
    ['v2.26.1-4', '2.26.1'],
    ['2.33.1-desktop.1\n', '2.33.1'],
    ['Docker Compose version v2.24.0', '2.24.0'],
    ['docker-compose version 1.29.2, build unknown', '1.29.2'],
    ['5.5.0', '5.5.0'],
    ['2.30', '2.30.0'],
  ])('is read from %j', (text, version) => {
    expect(parseVersion(text)?.text).toBe(version);
  });

  it.each(['', 'dev', 'Usage:  docker [OPTIONS] COMMAND', 'unknown flag: --short'])(
    'is not in %j',
    (text) => {
      expect(parseVersion(text)).toBeNull();
    },
  );

  it('is compared as numbers are', () => {
    const number = fc.nat(99);
    fc.assert(
      fc.property(number, number, number, number, (major, minor, otherMajor, otherMinor) => {
        const version = parseVersion(`${major}.${minor}.1`);
        if (version === null) throw new Error('no version');
        expect(isAtLeast(version, otherMajor, otherMinor)).toBe(
          major * 100 + minor >= otherMajor * 100 + otherMinor,
        );
      }),
    );
  });
});

const line = {
  ...{ ID: 'fbfdcb1e', Name: 'autogit-lab-gitlab-1', Service: 'gitlab', Image: 'gitlab:1', State: 'running' },
  ...{ Health: 'starting', ExitCode: 0, Labels: 'com.docker.compose.oneoff=False,x=y', Publishers: null },
};
const seen = {
  ...{ id: 'fbfdcb1e', name: 'autogit-lab-gitlab-1', service: 'gitlab', image: 'gitlab:1', state: 'running' },
  ...{ health: 'starting', exitCode: null, startedAt: null, restarts: null },
};

describe('a list of containers', () => {
  it('is one array before 2.21, and a line each since', () => {
    const two = [line, { ...line, ID: 'x' }];
    expect(parseContainers(JSON.stringify(two))).toEqual([seen, { ...seen, id: 'x' }]);
    expect(parseContainers(`${two.map((one) => JSON.stringify(one)).join('\n')}\n`)).toEqual([
      seen,
      { ...seen, id: 'x' },
    ]);
  });

  it.each(['', '\n', '[]', 'null\n'])('may be empty: %j', (text) => {
    expect(parseContainers(text)).toEqual([]);
  });

  it('has the exit code of what has ended alone, and health of what has a check', () => {
    const of = (change: object): unknown => parseContainers(JSON.stringify({ ...line, ...change }))[0];
    expect(of({ State: 'exited', ExitCode: 137, Health: '' })).toMatchObject({
      exitCode: 137,
      health: 'none',
    });
    expect(of({ State: 'restarting', ExitCode: 0 })).toMatchObject({ state: 'restarting', exitCode: null });
    expect(of({ Health: undefined })).toMatchObject({ health: 'none' });
  });

  it('leaves out what a person ran by hand', () => {
    const oneOff = { ...line, Labels: 'a=b,com.docker.compose.oneoff=True' };
    expect(parseContainers(JSON.stringify(oneOff))).toEqual([]);
  });

  it('knows the words of Podman, and no others', () => {
    expect(parseContainers(JSON.stringify({ ...line, State: 'stopped' }))[0]?.state).toBe('exited');
    expect(() => parseContainers(JSON.stringify({ ...line, State: 'dancing' }))).toThrow('dancing');
  });

  it.each(['{', 'no such service', '{"ID":7}'])('is not %j', (text) => {
    expect(() => parseContainers(text)).toThrow();
  });

  it('is read as it was written, whatever is in it', () => {
    const state = fc.constantFrom('created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead');
    const one = fc.record({
      ...{ ID: fc.string({ minLength: 1 }), Name: fc.string(), Service: fc.string(), Image: fc.string() },
      ...{ State: state, Health: fc.constantFrom('', 'healthy', 'unhealthy'), ExitCode: fc.nat(255) },
      Ports: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(one), fc.boolean(), (all, isOld) => {
        const text = isOld ? JSON.stringify(all) : all.map((each) => JSON.stringify(each)).join('\n');
        expect(parseContainers(text).map(({ id, service }) => ({ id, service }))).toEqual(
          all.map(({ ID, Service }) => ({ id: ID, service: Service })),
        );
      }),
    );
  });
});

describe('progress', () => {
  it.each([
    ['{"id":"Container autogit-lab-one-1","status":"Starting"}', 'Container autogit-lab-one-1', 'Starting'],
    ['{"id":"Container x","text":"Error","status":""}', 'Container x', 'Error'],
    [' Container autogit-p3-one-1  Starting', 'Container autogit-p3-one-1', 'Starting'],
    [' Network autogit-p3_default  Created ', 'Network autogit-p3_default', 'Created'],
    [
      ' Container a-1  Error dependency b failed to start',
      'Container a-1',
      'Error dependency b failed to start',
    ],
  ])('is read from %j', (text, id, words) => {
    expect(parseEvent(text)).toEqual({ id, text: words });
  });

  it.each([
    '',
    '{',
    '{"error":true,"message":"x"}',
    '{"level":"warning","msg":"Warning: No resource found"}',
    'Error response from daemon: Container 7f is not running',
    'time="2026-11-22T08:15:29Z" level=warning msg="the attribute `version` is obsolete"',
  ])('is not in %j', (text) => {
    expect(parseEvent(text)).toBeNull();
  });

  it('is never made up: any text is an event or none', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        const event = parseEvent(text);
        expect(event === null || (event.id !== '' && event.text !== '')).toBe(true);
      }),
    );
  });
});

describe('the last words', () => {
  it('are the error that it tells as JSON', () => {
    const stderr = [
      '{"id":"Container a","status":"Starting"}',
      '{"level":"warning","msg":"careful"}',
      '{"error":true,"message":"Error response from daemon: no such network"}',
    ].join('\n');
    expect(lastWords(stderr)).toBe('Error response from daemon: no such network');
  });

  it('are what it prints without progress, colours and warnings', () => {
    const stderr = [
      ' Container a-1  Creating',
      'time="2026-11-22T08:15:29Z" level=warning msg="version is obsolete"',
      '\u001b[31mError response from daemon: port is already allocated\u001b[0m',
      '',
    ].join('\n');
    expect(lastWords(stderr)).toBe('Error response from daemon: port is already allocated');
    expect(lastWords('time="x" level=error msg="a \\"quoted\\" error"')).toBe('a "quoted" error');
    expect(lastWords('{"level":"error","msg":"bad"}')).toBe('bad');
  });

  it('are never long', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 2000 })), (lines) => {
        expect(lastWords(lines.join('\n')).length).toBeLessThan(620);
      }),
    );
  });
});

describe('output', () => {
  const parts = fc.array(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes)));

  it('is split into lines, however it comes', () => {
    const text = fc.array(fc.string({ unit: 'grapheme' }).map((one) => one.replaceAll(/[\r\n]/g, '')));
    fc.assert(
      fc.property(text, fc.nat(7), (lines, size) => {
        const bytes = Buffer.from(lines.map((one) => `${one}\n`).join(''));
        const found: string[] = [];
        const splitter = createLineSplitter((one) => found.push(one));
        for (let at = 0; at < bytes.length; at += size + 1) splitter.add(bytes.subarray(at, at + size + 1));
        splitter.end();
        expect(found).toEqual(lines);
      }),
    );
  });

  it('has lines of a bounded length', () => {
    const found: string[] = [];
    const splitter = createLineSplitter((one) => found.push(one));
    for (let index = 0; index < 20; index += 1) splitter.add(Buffer.alloc(10_000, 'x'));
    splitter.add(Buffer.from('\nshort'));
    splitter.end();
    expect(found.map(({ length }) => length)).toEqual([longestLine, 5]);
  });

  it('is kept from its end, and no more of it than is asked for', () => {
    fc.assert(
      fc.property(parts, fc.integer({ min: 1, max: 100 }), (all, most) => {
        const tail = createTail(most);
        for (const part of all) tail.add(part);
        const whole = Buffer.concat(all);
        if (whole.length <= most) expect(tail.text()).toBe(whole.toString('utf8'));
        else expect(tail.text().length).toBeLessThanOrEqual(most);
      }),
    );
  });
});
