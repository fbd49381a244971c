// Whether something keeps this machine's clock right.
import type { Host, TimeKeeper } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
import type { Part } from './part.ts';
import type { Programs } from './processes.ts';

type Time = Host['time'];

/** By the names of their programs, of which the kernel keeps 15 characters. */
const keepers: Readonly<Record<string, TimeKeeper>> = {
  'systemd-timesyn': 'systemd-timesyncd',
  chronyd: 'chrony',
  ntpd: 'ntpd',
  ntpsec: 'ntpd',
};

/** A program of systemd that answers in some milliseconds. Milliseconds. */
const deadlineMs = 600;

export const noTime: Time = { keeper: null, synchronised: null };

/** `yes` or `no`, a whole line. */
export function parseSynchronised(text: unknown): boolean | null {
  return text === 'yes\n' ? true : text === 'no\n' ? false : null;
}

/** Only systemd says whether the clock is right; the kernel tells it to programs alone, and has no file for it. */
export async function detectTime(
  probe: Probe,
  { seen, whyNotAll }: Programs,
  systemd: boolean,
): Promise<Part<Time>> {
  const found = seen.flatMap(({ name }) => keepers[name] ?? []).at(0);
  const keeper = whyNotAll === null ? (found ?? 'none') : null;
  const ran = systemd
    ? await probe.run('timedatectl', ['show', '--property=NTPSynchronized', '--value'], deadlineMs)
    : null;
  const synchronised = ran?.outcome === 'ended' && ran.code === 0 ? parseSynchronised(ran.stdout) : null;
  return {
    value: { keeper, synchronised },
    reasons: {
      ...(whyNotAll === null ? {} : { keeper: whyNotAll }),
      synchronised: systemd
        ? 'timedatectl does not answer'
        : 'this machine was not started by systemd, and nothing else tells it',
    },
  };
}
