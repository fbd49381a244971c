import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseJob } from '../../../../main/sandbox/runner/job.ts';
import { parseDurationMs } from '../../../../main/sandbox/runner/job-run.ts';
import { resolveUser } from '../../../../main/sandbox/runner/job-user.ts';
import { shortToken } from '../../../../main/sandbox/runner/identity.ts';
import { parseCommand, parseConfig } from '../../../../main/sandbox/runner/options.ts';
import type { FailureReason } from '../../../../main/sandbox/runner/outcome.ts';
import {
  JobFailure,
  reasonForServer,
  renderOutcome,
  statusForAfterScript,
} from '../../../../main/sandbox/runner/outcome.ts';
import { globToRegExp, splitPattern } from '../../../../main/sandbox/runner/glob.ts';

describe('globToRegExp', () => {
  it.each([
    ['*.txt', 'a.txt', true],
    ['*.txt', '.hidden.txt', true],
    ['*.txt', 'a/b.txt', false],
    ['**', 'a/.b/c', true],
    ['**/*.txt', 'a.txt', true],
    ['**/*.txt', 'a/.b/c.txt', true],
    ['out/**', 'out', true],
    ['out/**', 'out/a/b', true],
    ['out/**', 'outside', false],
    ['out/**/x', 'out/x', true],
    ['out/**/x', 'out/a/b/x', true],
    ['a**/x', 'ab/x', true],
    ['a**/x', 'ab/c/x', false],
    ['?.c', 'a.c', true],
    ['?.c', 'ab.c', false],
    ['[a-c].c', 'b.c', true],
    ['[!a-c].c', 'b.c', false],
    ['[^a-c].c', 'd.c', true],
    ['{a,b/*}.c', 'b/x.c', true],
    ['{a,b}.c', 'c.c', false],
    ['a+(b).c', 'a+(b).c', true],
    ['a\\*b', 'a*b', true],
    ['a\\*b', 'axb', false],
  ])('%s on %s is %s', (pattern, path, matches) => {
    expect(globToRegExp(pattern).test(path)).toBe(matches);
  });

  it('matches every plain path with itself', () => {
    const name = fc.stringMatching(/^[\w .+()$^|-]+$/);
    fc.assert(
      fc.property(fc.array(name, { minLength: 1 }), (parts) => {
        const path = parts.join('/');
        expect(globToRegExp(path).test(path)).toBe(true);
      }),
    );
  });

  it('finds the folder to start from', () => {
    expect(splitPattern('a/b/*.txt')).toEqual({ base: 'a/b/', hasWildcard: true });
    expect(splitPattern('*')).toEqual({ base: '', hasWildcard: true });
    expect(splitPattern('a/b')).toEqual({ base: 'a/b', hasWildcard: false });
  });
});

describe('parseJob', () => {
  it('fills in what a server leaves out or sets to null', () => {
    const parsed = parseJob({ id: 1, token: 't', steps: null, git_info: { depth: null }, artifacts: [{}] });
    expect(parsed).toMatchObject({
      kind: 'job',
      job: {
        steps: [],
        variables: [],
        git_info: { depth: 0, refspecs: [] },
        artifacts: [{ when: 'on_success', artifact_format: 'zip', paths: [] }],
        features: { trace_sections: false },
      },
    });
  });

  it('keeps the credentials of a job that it cannot read', () => {
    expect(parseJob({ id: 1, token: 't', steps: 'many' })).toMatchObject({
      kind: 'unusable',
      credentials: { id: 1, token: 't' },
    });
    expect(parseJob('hello')).toMatchObject({ kind: 'invalid' });
  });
});

describe('how a job ends', () => {
  it.each<[FailureReason, string[], string]>([
    ['script_failure', [], 'script_failure'],
    ['job_execution_timeout', [], 'job_execution_timeout'],
    ['runner_interrupted', ['runner_interrupted'], 'runner_interrupted'],
    ['runner_interrupted', [], 'unknown_failure'],
    ['job_canceled', ['runner_interrupted'], 'unknown_failure'],
  ])('%s with %j listed is sent as %s', (reason, listed, sent) => {
    expect(reasonForServer(reason, listed)).toBe(sent);
  });

  it.each<[FailureReason, string]>([
    ['script_failure', 'failed'],
    ['job_canceled', 'canceled'],
    ['job_execution_timeout', 'timedout'],
  ])('%s is %s for after_script', (reason, status) => {
    expect(statusForAfterScript({ state: 'failed', failure: new JobFailure(reason, 'x') })).toBe(status);
  });

  it('says whose fault it was', () => {
    const failure = new JobFailure('runner_system_failure', 'disk full');
    expect(renderOutcome({ state: 'failed', failure })).toBe('ERROR: Job failed (system failure): disk full');
  });
});

describe('options', () => {
  const toml = `concurrent = 1
[[runners]]
name = "one"
url = "http://a"
token = "glrt-1"
executor = "shell"
[[runners]]
name = "two"
url = "http://b"
token = "glrt-2"
executor = "shell"
builds_dir = "/builds"
environment = ["A=b=c"]
[runners.docker]
image = "x"
`;

  it('takes the named runner of a config.toml, whatever else is in the file', () => {
    expect(parseConfig(toml, 'two')).toMatchObject({
      url: 'http://b',
      token: 'glrt-2',
      builds_dir: '/builds',
    });
  });

  it.each([
    ['a runner that is not there', toml, 'three', /no runner named "three"/],
    ['what is not TOML', '[[runners', 'one', /config.toml/],
    ['a wrong type', '[[runners]]\nname = 1', 'one', /config.toml/],
  ])('refuses %s', (_what, text, name, message) => {
    expect(() => parseConfig(text, name)).toThrow(message);
  });

  it('knows its commands', () => {
    expect(parseCommand(['--version']).kind).toBe('version');
    expect(parseCommand(['run-single', '-u', 'http://a']).kind).toBe('run-single');
    expect(() => parseCommand(['register'])).toThrow(/run-single/);
    expect(() => parseCommand(['run-single', '--nonsense'])).toThrow(/nonsense/);
  });

  it.each([
    ['1h30m', 5_400_000],
    ['90s', 90_000],
    ['500ms', 500],
    ['soon', null],
    ['', null],
  ])('reads the duration %j', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each([
    ['glrt-abcdefghijkl', 'abcdefghi'],
    ['glrt-t1_abcdefghijkl', 'abcdefghi'],
    ['../../etc', '______etc'],
  ])('shortens the token %s', (token, short) => {
    expect(shortToken(token)).toBe(short);
  });
});

describe('resolveUser', () => {
  const passwd = 'root:x:0:0:root:/root:/bin/bash\nci:x:1000:1001::/home/ci:/bin/sh\n';

  it.each([
    ['ci', { name: 'ci', uid: 1000, gid: 1001 }],
    ['1000', { name: 'ci', uid: 1000, gid: 1001 }],
    ['4711', { name: 'user-4711', uid: 4711, gid: 4711 }],
  ])('finds %s', (wanted, user) => {
    expect(resolveUser(wanted, passwd)).toEqual(user);
  });

  it.each(['root', '0', 'nobody-here'])('refuses %s', (wanted) => {
    expect(() => resolveUser(wanted, passwd)).toThrow(/--job-user/);
  });
});
