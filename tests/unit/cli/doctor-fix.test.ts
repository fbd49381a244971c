// `autogit doctor --fix`: what is shown, asked and done.
import { describe, expect, it } from 'vitest';
import { renderDoctor, renderFixes } from '../../../main/cli/render/doctor.ts';
import type { Output } from '../../../main/contract/contract.ts';
import { createFakeCore } from '../../fakes/fake-core.ts';
import type { FakeCore } from '../../fakes/fake-core.ts';
import type { FakeCliOptions } from '../../fakes/fake-cli.ts';
import { useCli } from './open-cli.ts';
import type { OpenCli } from './open-cli.ts';

const view = { width: 80, colour: false, now: 0 };
const summary = 'restarts the service gitlab';
const doctor: Output<'doctor.run'> = {
  ...{ healthy: false, areas: ['stack'], checks: 31, unknown: [] },
  findings: [
    {
      ...{ key: 'stack.service-unhealthy', severity: 'error', subject: 'gitlab', area: 'stack' },
      ...{
        message: 'The service gitlab has ended with 1.',
        next: 'See why.',
        evidence: ['Container: exited'],
      },
      fix: { request: 'doctor.fix', deed: 'restart-service', target: 'gitlab', summary },
    },
  ],
};
const fixes = (done: boolean, problem: string | null = null): Output<'doctor.fix'>['fixes'] => [
  { key: 'stack.service-unhealthy', subject: 'gitlab', summary, done, problem },
];

const open = useCli();

/** A core that runs, finds one ill service, and mends it unless there is a problem. */
function bench(options: FakeCliOptions, problem: string | null = null): Promise<OpenCli> {
  const core = createFakeCore(undefined, undefined, {
    'doctor.run': () => doctor,
    'doctor.fix': ({ dryRun }) => ({
      ...{ dryRun, actions: [], message: dryRun ? 'This would be done:' : 'So it is.', next: null },
      fixes: fixes(!dryRun && problem === null, dryRun ? null : problem),
    }),
  });
  return open(options, core);
}

const namesOf = ({ calls }: FakeCore): readonly string[] =>
  calls.map(({ name, input }) => `${name} ${JSON.stringify(input)}`);

describe('the text', () => {
  it('says at a finding what AutoGit can do about it', () => {
    expect(renderDoctor(doctor, view)).toContain('AutoGit can: restarts the service gitlab');
  });

  it('shows what would be done, was done, and was not', () => {
    const shown = (dryRun: boolean, all: Output<'doctor.fix'>['fixes']): string =>
      renderFixes({ dryRun, actions: [], message: 'So it is.', next: 'Look again.', fixes: all }, view);
    expect(shown(true, fixes(false))).toBe(
      'So it is.\n- restarts the service gitlab\n  stack.service-unhealthy, gitlab\n',
    );
    expect(shown(false, fixes(true))).toContain('✓ restarts the service gitlab');
    expect(shown(false, fixes(false, 'A run goes on.'))).toContain(
      '× restarts the service gitlab: A run goes on.',
    );
  });
});

describe('autogit doctor --fix', () => {
  it('shows what it would do, asks, and does it', async () => {
    const { cli, core } = await bench({ answer: true });
    expect(await cli.run('doctor --fix --area stack')).toBe(0);
    expect(cli.asked).toEqual(['Do that?']);
    expect(namesOf(core)).toEqual([
      'doctor.run {"area":"stack"}',
      'doctor.fix {"area":"stack","dryRun":true}',
      'doctor.fix {"area":"stack","dryRun":false}',
    ]);
  });

  it('does nothing without an answer, and ends with 1', async () => {
    for (const answer of [null, false]) {
      const { cli, core } = await bench({ answer });
      expect(await cli.run('doctor --fix')).toBe(1);
      expect(core.calls.map(({ name }) => name)).toEqual(['doctor.run', 'doctor.fix']);
      expect(cli.out()).toContain('Nothing was done. Add --yes to do it.');
    }
  });

  it('does not ask with --yes, and says with 1 what could not be done', async () => {
    const { cli } = await bench({ answer: false }, 'A run goes on.');
    expect(await cli.run('doctor --fix --yes')).toBe(1);
    expect(cli.asked).toEqual([]);
    expect(cli.out()).toContain('A run goes on.');
  });

  it('answers with one document, which without --yes is only what would be done', async () => {
    const { cli } = await bench({ answer: true });
    await cli.run('doctor --fix --json');
    expect(JSON.parse(cli.out())).toMatchObject({ dryRun: true });
    expect(await cli.run('doctor --fix --json --yes')).toBe(0);
    expect(JSON.parse(cli.out())).toMatchObject({ dryRun: false });
  });

  it('leaves a plain look alone', async () => {
    const { cli, core } = await bench({});
    expect(await cli.run('doctor --area stack')).toBe(1);
    expect(core.calls.map(({ name }) => name)).toEqual(['doctor.run']);
  });
});
