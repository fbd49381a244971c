// A machine and its doctor as text: what is known, what is not, and nothing that moves the cursor.
import { describe, expect, it } from 'vitest';
import type { Output } from '../../../../main/contract/contract.ts';
import { renderDoctor } from '../../../../main/cli/render/doctor.ts';
import { renderMachine } from '../../../../main/cli/render/machine.ts';
import { columnsOf } from '../../../../main/cli/render/text.ts';
import { machineSchema } from '../../../../main/model/machine.ts';
import { someMachine } from '../../../fakes/some-machine.ts';

const view = { width: 100, colour: false, now: 0 };
const machine = machineSchema.parse(someMachine);
const lineOf = (text: string, name: string): string | undefined =>
  text.split('\n').find((line) => line.startsWith(`${name} `));

describe('autogit detect', () => {
  it('shows every part, and at the end what is not known and why', () => {
    const text = renderMachine(machine, view);
    for (const title of [
      'HOST',
      'DISK',
      'ENGINE',
      'WITHOUT ROOT',
      'none was found',
      'NOT KNOWN',
    ])
      expect(text).toContain(title);
    expect(lineOf(text, 'Architecture')).toContain('amd64 v4');
    expect(lineOf(text, 'Firewall')).toContain('not known');
    expect(lineOf(text, 'rootless.lingering')).toContain('loginctl is not here');
    expect(text).toContain('/srv/backup');
  });

  it('says why there is no engine in the place where it would be', () => {
    const reasons = { ...machine.reasons, engine: 'nothing answers' };
    expect(renderMachine({ ...machine, engine: null, reasons }, view)).toMatch(
      /ENGINE\nEngine {2}nothing answers\n/,
    );
  });

  it('says of each card whether containers can have it', () => {
    const card = { id: 'GPU-1', vendor: 'nvidia' as const, model: 'RTX 4090\u001B[2J', memoryMiB: null };
    const rest = { pciAddress: null, renderNode: null, parent: null, cards: 1, integrated: false };
    const use = { usable: false as const, why: 'the toolkit is missing', fix: 'Install it' };
    const text = renderMachine(
      { ...machine, gpus: [{ ...card, ...rest, numaNode: null, celsius: null, use }] },
      view,
    );
    expect(text).toContain('cannot: the toolkit is missing');
    expect(text).not.toContain('\u001B');
  });

  it.each([20, 40, 80])('stays within %d columns', (width) => {
    const text = renderMachine(machine, { ...view, width });
    expect(Math.max(...text.split('\n').map(columnsOf))).toBeLessThanOrEqual(width);
  });
});

describe('autogit doctor', () => {
  const finding: Output<'doctor.run'>['findings'][number] = {
    ...{ area: 'hardware', key: 'host.memory-low', severity: 'warning', subject: 'attic' },
    ...{ message: 'Memory is nearly used up.', next: 'Give pools fewer runners.' },
    evidence: ['Memory: 0.4 GB of 8.0 GB are free'],
  };
  const doctor: Output<'doctor.run'> = {
    ...{ healthy: false, areas: ['hardware'], checks: 22, findings: [finding], unknown: ['host.kvm: why'] },
  };

  it('shows what is wrong, what was seen, what mends it, and the key', () => {
    expect(renderDoctor(doctor, view)).toBe(
      [
        '! Memory is nearly used up.',
        '  Memory: 0.4 GB of 8.0 GB are free',
        '  Give pools fewer runners.',
        '  host.memory-low, attic',
        '',
        '22 checks of hardware: 1 warning.',
        '',
        '1 thing could not be found out: autogit detect says which, and why.',
        '',
      ].join('\n'),
    );
  });

  it('says that nothing is wrong, or nothing that has to be mended', () => {
    const well = { ...doctor, healthy: true, unknown: [] };
    expect(renderDoctor({ ...well, findings: [] }, view)).toBe('22 checks of hardware: nothing is wrong.\n');
    expect(renderDoctor({ ...well, findings: [{ ...finding, severity: 'info' }] }, view)).toContain(
      '1 remark. Nothing has to be done.',
    );
  });

  it('stays within 20 columns', () => {
    const text = renderDoctor(doctor, { ...view, width: 20 });
    expect(Math.max(...text.split('\n').map(columnsOf))).toBeLessThanOrEqual(20);
  });
});
