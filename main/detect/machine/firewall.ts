// Which firewall is set up. Its rules are root's alone to read.
import type { Host } from '../../model/machine.ts';
import type { Probe } from '../../probe-port.ts';
import type { Part } from './part.ts';
import type { Programs } from './processes.ts';
import { wholeLines } from './text.ts';

type FirewallFacts = Host['firewall'];

export const noFirewall: FirewallFacts = { kind: null, active: null };

/** `ENABLED` of `/etc/ufw/ufw.conf`: https://manpages.debian.org/ufw */
export function parseUfw(text: unknown): boolean | null {
  const values = wholeLines(text).flatMap(
    (line) => /^\s*ENABLED=["']?(yes|no)["']?\s*$/i.exec(line)?.[1] ?? [],
  );
  const last = values.at(-1)?.toLowerCase();
  return last === undefined ? null : last === 'yes';
}

/** Where a unit or a file says that rules are loaded at every start. */
const marks: readonly (readonly ['nftables' | 'iptables', string])[] = [
  ['nftables', '/etc/systemd/system/sysinit.target.wants/nftables.service'],
  ['nftables', '/etc/systemd/system/multi-user.target.wants/nftables.service'],
  ['nftables', '/etc/runlevels/default/nftables'],
  ['iptables', '/etc/systemd/system/multi-user.target.wants/netfilter-persistent.service'],
  ['iptables', '/etc/iptables/rules.v4'],
  ['iptables', '/etc/sysconfig/iptables'],
];

/** `none`: none that is known is set up; rules that an engine makes for its containers are no firewall. */
export async function detectFirewall(
  probe: Probe,
  { seen, whyNotAll }: Programs,
): Promise<Part<FirewallFacts>> {
  const reasons = { active: 'it shows only in the rules that are in force, which AutoGit does not read' };
  const ufw = parseUfw(await probe.readFile('/etc/ufw/ufw.conf'));
  if (ufw === true) return { value: { kind: 'ufw', active: true }, reasons };
  if (whyNotAll === null && seen.some(({ name }) => name === 'firewalld'))
    return { value: { kind: 'firewalld', active: true }, reasons };
  for (const [kind, path] of marks)
    if ((await probe.stat(path)) !== null) return { value: { kind, active: null }, reasons };
  if (ufw === false) return { value: { kind: 'ufw', active: false }, reasons };
  if (whyNotAll !== null) return { value: noFirewall, reasons: { '': whyNotAll } };
  return { value: { kind: 'none', active: false }, reasons };
}
