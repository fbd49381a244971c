import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { judgeLoad, loadDump } from '../../../../main/apply/backup/load-dump.ts';
import type { LoadedDump } from '../../../../main/apply/backup/load-dump.ts';
import { systemClock } from '../../../../main/adapters/host/clock.ts';
import { takeDownStarted } from '../../../../main/apply/backup/take-down.ts';
import { AutoGitError } from '../../../../main/errors.ts';
import { createFakeContainers } from '../../../fakes/fake-container-files.ts';
import type { FakeContainers, FakeProgram } from '../../../fakes/fake-container-files.ts';
import { FakeCompose } from '../../../fakes/fake-stack-compose.ts';
import { FakeEngine } from '../../../fakes/fake-engine.ts';
import { silentLog } from '../../../fakes/silent-log.ts';

const never = new AbortController().signal;
const instance = 'a'.repeat(32);

describe('what a load of a dump has said', () => {
  it('is nothing where every line is one that GitLab itself does not count', () => {
    const output = [
      'psql:db/database.sql.gz:12: ERROR:  must be owner of extension plpgsql',
      'psql:db/database.sql.gz:14: ERROR:  role "gitlab-psql" does not exist',
      'rows: 12|3',
    ].join('\n');
    expect(judgeLoad(0, output)).toEqual({ why: null, findings: [] });
  });

  it('is a finding for each error, a few of them, in words', () => {
    const line = (number: number): string =>
      `psql:db/database.sql.gz:${number}: ERROR:  invalid input syntax for type bigint: "x"`;
    const { findings } = judgeLoad(0, [1, 2, 3, 4, 5, 6, 7].map(line).join('\n') + '\nrows: 0|0');
    expect(findings).toHaveLength(5);
    expect(findings[0]).toContain('invalid input syntax');
  });

  it('is a finding where projects and users cannot be counted afterwards', () => {
    const output = 'rows: psql:  ERROR:  relation "projects" does not exist\n';
    expect(judgeLoad(0, output).findings).toEqual([expect.stringContaining('no projects and users')]);
  });

  it.each([
    [127, ''],
    [1, 'initdb: error: could not create directory'],
    [0, 'psql: ERROR:  could not extend file "base/1": No space left on device\nrows: 1|1'],
    [0, 'connection to server was lost\nrows: '],
  ])('says nothing against the backup where the machine is at fault: %s %s', (code, output) => {
    const { why, findings } = judgeLoad(code, output);
    expect(why).not.toBeNull();
    expect(findings).toEqual([]);
  });

  it('may be anything', () => {
    fc.assert(
      fc.property(fc.integer(), fc.string(), (code, output) => {
        const { why, findings } = judgeLoad(code, output);
        expect(why === null || findings.length === 0).toBe(true);
      }),
    );
  });
});

describe('a load of a dump', () => {
  let folder: string;
  let containers: FakeContainers;
  let program: FakeProgram;
  let engine: FakeEngine;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'autogit-load-'));
    await mkdir(join(folder, 'db'));
    await writeFile(join(folder, 'db', 'database.sql.gz'), 'sql');
    program = ([name]) => Promise.resolve({ code: 0, output: name === 'sh' ? 'rows: 1|1\n' : '' });
    containers = createFakeContainers(
      () => join(folder, 'helper'),
      (command, env) => program(command, env),
    );
    engine = new FakeEngine({ images: ['gitlab'], onStart: () => undefined });
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const load = (image = 'gitlab', find = (): FakeEngine => engine): Promise<LoadedDump> =>
    loadDump(
      { folder: join(folder, 'db'), image, engine: find, signal: never },
      { connectContainers: () => containers.files, instance, log: silentLog },
    );

  it('is done by somebody without rights, in a container that is gone afterwards', async () => {
    expect(await load()).toEqual({ why: null, findings: [] });
    expect(containers.calls[0]).toMatch(/^put \S+ \/tmp\/autogit-drill\/db 65534:65534$/);
    expect(await engine.listContainers({})).toEqual([]);
  });

  it('is left out, with the reason, where image or engine are not here, or the container fails', async () => {
    expect(await load('another')).toMatchObject({ why: expect.stringContaining('not here') as unknown });
    const unreachable = (): never => {
      throw new AutoGitError({ key: 'engine.unreachable', message: 'It is off.', next: 'Start it.' });
    };
    expect((await load('gitlab', unreachable)).why).toContain('It is off.');
    program = () => Promise.reject(new Error('it broke'));
    expect((await load()).why).toContain('it broke');
    expect(await engine.listContainers({})).toEqual([]);
  });
});

describe('what a restore has started', () => {
  it('goes with the data of GitLab where there was none before, and without it where there was', async () => {
    const compose = new FakeCompose({ readFile: () => null });
    const engine = new FakeEngine({
      images: ['gitlab'],
      onStart: (process) => setImmediate(() => process.exit(0)),
    });
    const down: string[] = [];
    compose.down = ({ name }) => Promise.resolve(void down.push(name));
    const looked: string[] = [];
    const ground = {
      ...{ compose, instance, log: silentLog, clock: systemClock },
      folder: {
        look: (path: string) => {
          looked.push(path);
          return Promise.resolve({ exists: !path.endsWith('config'), empty: false });
        },
      },
      project: (lab: string) => ({ name: `autogit-${lab}`, folder: '/nowhere', engine: engine.host }),
      engine: () => engine,
    };
    const stack = { lab: 'lab', data: '/srv/lab', images: { gitlab: 'gitlab' } };
    await takeDownStarted(stack, { wasNothing: false, signal: never }, ground);
    expect([down, looked, engine.calls]).toEqual([['autogit-lab'], [], []]);
    await takeDownStarted(stack, { wasNothing: true, signal: never }, ground);
    expect(looked).toEqual(['/srv/lab/gitlab/config', '/srv/lab/gitlab/data']);
    expect(engine.calls.map(({ method }) => method)).toContain('startContainer');
  });
});
