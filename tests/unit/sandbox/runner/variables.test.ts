import { describe, expect, it } from 'vitest';
import type { Job, JobVariable } from '../../../../main/sandbox/runner/job.ts';
import { parseJob } from '../../../../main/sandbox/runner/job.ts';
import {
  environmentOf,
  expandReferences,
  jobVariables,
  maskedValues,
  variableFiles,
} from '../../../../main/sandbox/runner/variables.ts';

const place = {
  buildsDir: '/builds',
  projectDir: '/builds/x/0/g/p',
  tempDir: '/builds/x/0/g/p.tmp',
  timeoutSeconds: 60,
  shortToken: 'x',
  runnerVersion: '19.4.0',
  runnerPlatform: 'linux/amd64',
  environment: [],
  ca: null,
};

function jobWith(variables: readonly Partial<JobVariable>[]): Job {
  const parsed = parseJob({ id: 1, token: 't', variables });
  if (parsed.kind !== 'job') throw new Error('not a job');
  return parsed.job;
}

function environment(variables: readonly Partial<JobVariable>[]): Readonly<Record<string, string>> {
  return environmentOf(jobVariables(jobWith(variables), place), place.tempDir);
}

describe('expandReferences', () => {
  const lookup = (key: string): string => (key === 'A' ? 'value' : '');

  it.each([
    ['$A', 'value'],
    ['${A}b', 'valueb'],
    ['$Ab', ''],
    ['x$UNKNOWN-y', 'x-y'],
    ['$$A', '$A'],
    ['$1', ''],
    ['$1A', 'A'],
    ['100$', '100$'],
    ['a $ b', 'a $ b'],
    ['${A', 'A'],
    ['${}', ''],
    ['${A-x}', ''],
    ['%A%', '%A%'],
  ])('%s becomes %j', (text, expanded) => {
    expect(expandReferences(text, lookup)).toBe(expanded);
  });
});

describe('jobVariables', () => {
  it('expands references to each other once, but not in raw ones', () => {
    expect(
      environment([
        { key: 'A', value: 'x$B' },
        { key: 'B', value: 'b$C' },
        { key: 'C', value: 'c' },
        { key: 'RAW', value: '$A', raw: true },
      ]),
    ).toMatchObject({ A: 'xb$C', B: 'bc', RAW: '$A' });
  });

  it('lets the last of a name win and a job override what the runner adds', () => {
    expect(
      environment([
        { key: 'A', value: '1' },
        { key: 'A', value: '2' },
        { key: 'CI_PROJECT_DIR', value: 'elsewhere' },
      ]),
    ).toMatchObject({ A: '2', CI_PROJECT_DIR: 'elsewhere' });
  });

  it('adds what only the runner knows', () => {
    expect(environment([])).toMatchObject({
      CI_BUILDS_DIR: '/builds',
      CI_PROJECT_DIR: '/builds/x/0/g/p',
      CI_SERVER: 'yes',
      CI_JOB_STATUS: 'running',
      CI_JOB_TIMEOUT: '60',
    });
  });

  it('gives file variables by path, also in references', () => {
    const variables = jobVariables(
      jobWith([
        { key: 'CONF', value: 'body', file: true },
        { key: 'ARGS', value: '--config $CONF' },
      ]),
      place,
    );
    expect(environmentOf(variables, place.tempDir)).toMatchObject({
      CONF: `${place.tempDir}/CONF`,
      ARGS: `--config ${place.tempDir}/CONF`,
    });
    expect(variableFiles(variables, place.tempDir)).toEqual([
      { path: `${place.tempDir}/CONF`, content: 'body' },
    ]);
  });

  it('writes no file for a name that a later plain variable takes', () => {
    const variables = jobVariables(
      jobWith([
        { key: 'CONF', value: 'body', file: true },
        { key: 'CONF', value: 'plain' },
      ]),
      place,
    );
    expect(variableFiles(variables, place.tempDir)).toEqual([]);
  });

  it('leaves out names that would escape the folder of files', () => {
    expect(Object.keys(environment([{ key: '../x', value: '', file: true }]))).not.toContain('../x');
  });

  it('masks the expanded value', () => {
    const variables = jobVariables(
      jobWith([
        { key: 'PART', value: 'abc' },
        { key: 'SECRET', value: 'x-$PART', masked: true },
      ]),
      place,
    );
    expect(maskedValues(variables)).toEqual(['x-abc']);
  });
});
