// A machine and its doctor as text: what is known, what is not, and nothing that moves the cursor.
import { describe, expect, it } from 'vitest';
import type { Output } from '../../../../main/contract/contract.ts';
import { renderDoctor } from '../../../../main/cli/render/doctor.ts';
import { renderMachine } from '../../../../main/cli/render/machine.ts';
import { columnsOf } from '../../../../main/cli/render/text.ts';
import { machineSchema } from '../../../../main/model/machine.ts';
import { someMachine } from '../../../fakes/some-machine.ts';

const view = { width: 100, colour: false, now: 0 };
type Machine = Output<'machine.detect'>;

const machine: Machine = machineSchema.parse(someMachine);
const lineOf = (text: string, name: string): string | undefined =>
  text.split('\n').find((line) => line.startsWith(`${name} `));

const hangs: Machine['issues'][number] = {
  ...{ key: 'gpu.tool-hangs', severity: 'warning', subject: 'nvidia-smi' },
  ...{ message: 'The driver hangs.', next: 'Restart it.' },
};

function card(id: string): Machine['gpus'][number] {
  return {
    ...{ id, vendor: 'nvidia', model: 'RTX 4090\u001B[2J', memoryMiB: null, numaNode: null, celsius: null },
    ...{ pciAddress: null, renderNode: null, parent: null, cards: 1, integrated: false },
    use: { usable: false, why: 'the toolkit is missing', fix: 'Install it' },
  };
}

describe('autogit detect', () => {
  it('shows every part, and why something is not known in the place where it would be', () => {
    const text = renderMachine(machine, view);
    for (const title of ['HOST', 'DISK', 'ENGINE', 'WITHOUT ROOT', 'none was found'])
      expect(text).toContain(title);
    expect(lineOf(text, 'Architecture')).toContain('amd64 v4');
    expect(lineOf(text, 'Firewall')).toMatch(/not known: only root can see the rules$/);
    expect(lineOf(text, 'Lingering')).toMatch(/not known: loginctl is not here$/);
    expect(text).toContain('/srv/backup');
    expect(text).not.toContain('NOT KNOWN');
  });

  it('says of a part of a line that it is not known, and of what has no line at the end', () => {
    const time = { ...machine.host.time, synchronised: null };
    const reasons = {
      'host.time.synchronised': 'timedatectl does not answer',
      'host.os.version': 'nobody tells it',
      'engine.compose.version': 'Compose is not installed',
    };
    const engine = machine.engine && { ...machine.engine, compose: { found: false, version: null } };
    const text = renderMachine(
      { ...machine, host: { ...machine.host, time }, engine, reasons },
      {
        ...view,
        width: 160,
      },
    );
    expect(text).toContain(
      'kept by systemd-timesyncd; whether it is right: not known (timedatectl does not answer)\n',
    );
    expect(text).toMatch(/\nNOT KNOWN\nhost\.os\.version {2}nobody tells it\n$/);
    expect(lineOf(text, 'Compose')).toMatch(/not installed$/);
  });

  it('says once below the disks why their kind is not known, and why there are none', () => {
    const disks = machine.host.disks?.map((disk) => ({ ...disk, ssd: null })) ?? [];
    const why = 'a virtual machine does not see it';
    const reasons = { 'host.disks.0.ssd': why, 'host.disks.1.ssd': why };
    const text = renderMachine({ ...machine, host: { ...machine.host, disks }, reasons }, view);
    expect(text.split(why)).toHaveLength(2);
    expect(text).toContain(`/dev/sda1\nNot known: ${why}.\n`);
    const none = { ...machine.host, disks: null };
    expect(
      lineOf(renderMachine({ ...machine, host: none, reasons: { 'host.disks': 'no list' } }, view), 'Disks'),
    ).toMatch(/not known: no list$/);
  });

  it('says of a program that listens why it is not known', () => {
    const holder = { protocol: 'udp' as const, address: '0.0.0.0', program: null, pid: null };
    const host = { ...machine.host, ports: { dns: [holder], mdns: [] } };
    const reasons = { 'host.ports.dns.0.program': 'only root sees it', 'host.ports.dns.0.pid': 'only root' };
    const text = renderMachine({ ...machine, host, reasons }, view);
    expect(text).toMatch(
      /Port 53 .*a program on 0\.0\.0\.0 \(udp\); which program: not known \(only root sees it\)\n/,
    );
    expect(text).not.toContain('NOT KNOWN');
  });

  it('says why there is no engine in the place where it would be', () => {
    const reasons = { ...machine.reasons, engine: 'nothing answers' };
    expect(renderMachine({ ...machine, engine: null, reasons }, view)).toMatch(
      /ENGINE\nEngine {2}nothing answers\n/,
    );
  });

  it('says of each card whether containers can have it, and once what keeps them from it', () => {
    const text = renderMachine({ ...machine, gpus: [card('GPU-1'), card('GPU-2')] }, view);
    expect(text.match(/ cannot {2,}GPU-/g)).toHaveLength(2);
    expect(text).toContain('\n× Containers cannot have RTX 4090: the toolkit is missing.\n  Install it.\n');
    expect(text.split('the toolkit')).toHaveLength(2);
    expect(text).not.toContain('\u001B');
  });

  it('says what is wrong with cards and what mends it', () => {
    const text = renderMachine({ ...machine, gpus: [card('GPU-1')], issues: [hangs] }, view);
    expect(text).toContain('\n! The driver hangs.\n  Restart it.\n  gpu.tool-hangs, nvidia-smi\n');
    const same = { ...hangs, message: 'Cards cannot be used: the toolkit is missing.' };
    const once = renderMachine({ ...machine, gpus: [card('GPU-1')], issues: [same] }, view);
    expect(once.split('the toolkit is missing')).toHaveLength(2);
  });

  it('does not say that there are no cards where something keeps it from seeing them', () => {
    const text = renderMachine({ ...machine, issues: [hangs] }, view);
    expect(lineOf(text, 'GPU')).toBe('GPU  not known');
    expect(text).toContain('! The driver hangs.');
    expect(lineOf(renderMachine(machine, view), 'GPU')).toBe('GPU  none was found');
  });

  it.each([20, 40, 80, 120])('stays within %d columns', (width) => {
    const gpus = [card('GPU-00000000-0000-0000-0000-000000000001')];
    const text = renderMachine({ ...machine, gpus, issues: [hangs] }, { ...view, width });
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
