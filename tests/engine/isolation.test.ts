// What a job can see and do from inside its runner's container: tried by jobs that try to steal.
import { describe, expect, it, onTestFinished } from 'vitest';
import { openSecrets } from '../../main/adapters/host/secrets.ts';
import { engineHost, openLab } from './lab.ts';
import { canLimit } from './port-suite.ts';

/** Every line that counts is `what=value`. Nothing stolen is printed as it is: the log masks what it knows. */
const script = String.raw`
say() { echo "$1=$2"; }
take() { cat "$1" 2> /dev/null | wc -c; }
say user "$(id -u):$(id -g)"
say config "$(take /etc/gitlab-runner/config.toml)"
say identity "$(take /etc/gitlab-runner/.runner_system_id)"
say configByRunner "$(take /proc/1/root/etc/gitlab-runner/config.toml)"
say environ "$(take /proc/1/environ)"
say memory "$(take /proc/1/mem)"
say files "$(grep -rlsE 'glr[t]-[0-9A-Za-z_.-]{15}' /etc /root /home /tmp /var /run /builds /cache /opt 2> /dev/null | wc -l)"
say processes "$(cat /proc/[0-9]*/environ /proc/[0-9]*/cmdline 2> /dev/null | tr '\0' '\n' | grep -c 'glr[t]-')"
say own "$(env | grep -c 'glr[t]-')"
say sockets "$(find / -xdev -name '*.sock' -type s 2> /dev/null | wc -l)"
say engine "$(test -e /var/run/docker.sock || test -e /run/podman/podman.sock && echo there || echo absent)"
say signal "$(kill -9 1 2> /dev/null && echo sent || echo refused)"
say write "$( (echo x > /etc/passwd) 2> /dev/null && echo written || echo refused)"
while read -r key value; do case "$key" in Cap*:|NoNewPrivs:) say "\${key%:}" "$value";; esac; done < /proc/self/status
cd /sys/fs/cgroup
say memoryLimit "$(cat memory.max 2> /dev/null || cat memory/memory.limit_in_bytes)"
say cpuLimit "$(cat cpu.max 2> /dev/null || echo $(cat cpu/cpu.cfs_quota_us cpu/cpu.cfs_period_us))"
`.replaceAll(String.raw`\$`, '$');

function pipeline(): string {
  const indented = script
    .trim()
    .split('\n')
    .map((line) => `      ${line}`)
    .join('\n');
  return `thief:\n  script:\n    - |\n${indented}\n`;
}

function factsIn(trace: string): Readonly<Record<string, string>> {
  const found = trace.matchAll(/^(\w+)=(.*?)\r?$/gm);
  return Object.fromEntries([...found].map(([, key = '', value = '']): [string, string] => [key, value]));
}

/** CHOWN, DAC_OVERRIDE, FOWNER, KILL, SETGID and SETUID: what the runner itself keeps. */
const runnerCapabilities = 0xebn;

describe.skipIf(engineHost === null)('a job in its runner', () => {
  it('runs as another user, within its limits, and finds neither the token nor the engine', async ({
    skip,
  }) => {
    const lab = await openLab(onTestFinished);
    await lab.writeSettings({ memoryMiB: 192, cpus: 0.5 });
    await lab.serve();
    const sandbox = await lab.sandbox();
    const project = await sandbox.push('thief', pipeline());
    const [job] = await sandbox.untilAll(project, 'success');
    const trace = await sandbox.trace(project, job?.id ?? 0);
    const token = (await openSecrets(lab.paths)).get('entry.lab');
    expect(token).toMatch(/^glrt-/);
    expect(trace).not.toContain(token);
    const { CapBnd, memoryLimit, cpuLimit, ...facts } = factsIn(trace);
    expect(facts).toEqual({
      ...{ user: '1000:1000', config: '0', identity: '0', configByRunner: '0', environ: '0', memory: '0' },
      ...{ files: '0', processes: '0', own: '0', sockets: '0', engine: 'absent' },
      ...{ signal: 'refused', write: 'refused', NoNewPrivs: '1' },
      ...{ CapInh: '0000000000000000', CapPrm: '0000000000000000', CapEff: '0000000000000000' },
      CapAmb: '0000000000000000',
    });
    expect(BigInt(`0x${CapBnd ?? ''}`) & ~runnerCapabilities).toBe(0n);
    skip(
      !canLimit(await lab.engine.info()),
      'this engine runs without control groups, so it cannot limit anything',
    );
    expect({ memoryLimit, cpuLimit }).toEqual({
      memoryLimit: `${192 * 1024 ** 2}`,
      cpuLimit: '50000 100000',
    });
  });
});
