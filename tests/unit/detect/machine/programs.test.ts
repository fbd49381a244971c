// What is concluded from the programs that run, where all of them are seen and where they are not.
import { describe, expect, it } from 'vitest';
import { detectFirewall } from '../../../../main/detect/machine/firewall.ts';
import { detectPrograms } from '../../../../main/detect/machine/processes.ts';
import { detectTime } from '../../../../main/detect/machine/time.ts';
import type { Surrounding } from '../../../../main/model/machine.ts';
import { ended, fakeProbe } from '../../../fakes/hardware.ts';
import type { FakeMachine } from '../../../fakes/hardware.ts';

const all = '    1     0 systemd\n  500   996 chronyd\n  600     0 firewalld\n';
const own = ' 2000  1000 bash\n 2001  1000 node\n';

async function concluded(machine: FakeMachine, container: Surrounding | null) {
  const probe = fakeProbe(machine);
  const programs = await detectPrograms(probe, container);
  const [time, firewall] = [await detectTime(probe, programs, false), await detectFirewall(probe, programs)];
  return { time, firewall, whyNotAll: programs.whyNotAll };
}

const printed = (text: string): FakeMachine => ({ run: () => ended(text) });

describe('a list of programs', () => {
  it('with all of the machine says who keeps the time and the firewall', async () => {
    const { time, firewall, whyNotAll } = await concluded(printed(all), 'none');
    expect(whyNotAll).toBeNull();
    expect([time.value.keeper, firewall.value]).toEqual(['chrony', { kind: 'firewalld', active: true }]);
  });

  it('with all of the machine says that nobody does', async () => {
    const { time, firewall } = await concluded(printed('    1     0 systemd\n'), 'none');
    expect([time.value.keeper, firewall.value]).toEqual(['none', { kind: 'none', active: false }]);
  });

  it.each([
    ['without the first program', own, 'none', 'hidepid'],
    ['of a container', all, 'docker', 'runs in a container'],
    ['of what may be a container', all, null, 'not known whether AutoGit runs in a container'],
    ['with nothing', '', 'none', 'cannot be listed'],
  ] as const)('%s says nothing of the machine, and why', async (_, text, container, why) => {
    const { time, firewall } = await concluded(printed(text), container);
    expect([time.value.keeper, firewall.value]).toEqual([null, { kind: null, active: null }]);
    expect(time.reasons['keeper']).toContain(why);
    expect(firewall.reasons['']).toContain(why);
  });

  it('read one by one says nothing of the machine where there are too many to read', async () => {
    const entries = Array.from({ length: 501 }, (_, index): readonly [string, string] => [
      `/proc/${index + 1}/status`,
      'Name:\tsleep\nUid:\t0\t0\t0\t0\n',
    ]);
    const fewer = { files: Object.fromEntries(entries.slice(0, 500)) };
    expect((await concluded(fewer, 'none')).whyNotAll).toBeNull();
    const { time, whyNotAll } = await concluded({ files: Object.fromEntries(entries) }, 'none');
    expect(whyNotAll).toContain('more than 500');
    expect(time.value.keeper).toBeNull();
  });

  it('is not needed where a file says which firewall is on', async () => {
    const files = { '/etc/ufw/ufw.conf': 'ENABLED=yes\n' };
    const { firewall } = await concluded({ ...printed(own), files }, 'none');
    expect(firewall.value).toEqual({ kind: 'ufw', active: true });
  });
});
