// A job that tries to get at what is not its own, and says of each thing whether it got it.

export interface ThiefTargets {
  /** A port of the machine's loopback address on which this test listens. */
  readonly loopbackPort: number;
  /** Addresses of containers that are not the job's: the gateway, another job. */
  readonly others: readonly string[];
  /** Variables of the job. */
  readonly variables?: Readonly<Record<string, string>>;
}

/** Ways of the runner to run a job in its own process, where that is the one that runs jobs. */
export const ownProcess = { FF_CONCRETE: 'true', FF_SCRIPT_TO_STEP_MIGRATION: 'true' } as const;

/** Every line that it prints ends with `refused` where all is well. */
export function thiefFile({ loopbackPort, others, variables = {} }: ThiefTargets): string {
  const tries: readonly (readonly [string, string])[] = [
    ['token in the configuration', 'cat /etc/gitlab-runner/config.toml'],
    ['token of a process', 'grep -aqE "gl[r]t-[A-Za-z0-9_.-]{8}" /proc/[0-9]*/environ /proc/[0-9]*/cmdline'],
    ['token through a process', 'cat /proc/1/root/etc/gitlab-runner/config.toml'],
    ['memory of the runner', 'head -c 1 /proc/1/mem'],
    ['engine by its socket', 'test -e /var/run/docker.sock -o -e /run/docker.sock -o -e /run/engine.sock'],
    ['engine through the gateway', connect('autogit-gateway', 2375)],
    ['loopback of the machine', connect('127.0.0.1', loopbackPort)],
    ['loopback by its name', connect('host.docker.internal', loopbackPort)],
    // Networks of both engines have the machine at their first address.
    ['loopback by the router', connect("$(hostname -i | sed 's/[0-9]*$/1/')", loopbackPort)],
    ...others.map((address, index): readonly [string, string] => [
      `container ${index + 1} of somebody else at ${address}`,
      connect(address, 2375),
    ]),
    ['a disk', 'mount -t tmpfs none /mnt'],
    ['administration', 'test $((0x$(sed -n "s/^CapBnd:[^0-9a-f]*//p" /proc/self/status) & 0x200000)) -ne 0'],
    ['a device', 'mknod /tmp/disk b 8 0'],
    ['the shell of the runner', 'echo true >> /usr/local/lib/autogit/bash'],
    ['an end of the runner', 'test -e /etc/gitlab-runner && kill 1'],
  ];
  const lines = tries.map(
    ([name, command]) =>
      `    - 'if (${command.replaceAll("'", "''")}) > /dev/null 2>&1; then echo "${name}: GOT"; else echo "${name}: refused"; fi'`,
  );
  return `
thief:
  variables: ${JSON.stringify(variables)}
  script:
    - 'echo "user: $(id -u)"'
    - 'if (${connect('gitlab', 80)}) > /dev/null 2>&1; then echo "GitLab: reached"; fi'
${lines.join('\n')}
    - echo "the thief is through"
`;
}

/** Succeeds when something listens there. `nc` of busybox, or bash's own way. */
function connect(address: string, port: number): string {
  return `timeout 3 nc ${address} ${port} < /dev/null || timeout 3 bash -c "exec 3<> /dev/tcp/${address}/${port}"`;
}
