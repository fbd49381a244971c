// Errors of NVIDIA's cards in the kernel's log: https://docs.nvidia.com/deploy/xid-errors/
import type { Xid } from '../../model/gpu-metrics.ts';
import type { Probe } from '../../probe-port.ts';
import { parsePciAddress, textOf } from '../values.ts';

export interface XidAt extends Xid {
  /** Bus and device, without the function, as the log has it: `0000:01:00`. */
  readonly card: string;
}

/** `[ 1843.308145] NVRM: Xid (PCI:0000:44:00): 79, GPU has fallen off the bus`; older drivers leave `PCI:` away. */
const line =
  /^(?:<\d+>)?\[ *(\d{1,12})\.(\d{1,6})\] .{0,80}?NVRM: Xid \((?:PCI:)?([0-9a-fA-F]{4}:[0-9a-fA-F]{2}:[0-9a-fA-F]{2})(?:\.[0-7])?\): (\d{1,4})(?:, (.{0,400}))?$/;

/** Kept of each card: the newest. */
const mostXids = 20;

/** Lines of the kernel's log with seconds since the start of the machine, which was at `bootAt`. Never throws. */
export function parseXids(output: unknown, bootAt: number | null): readonly XidAt[] {
  return textOf(output)
    .split('\n')
    .flatMap((text) => {
      const [, seconds, fraction = '0', card = '', code, words = ''] = line.exec(text) ?? [];
      if (seconds === undefined || code === undefined) return [];
      const at = bootAt === null ? null : Math.round(bootAt + Number(`${seconds}.${fraction}`) * 1_000);
      return [{ card: card.toLowerCase(), code: Number(code), at, text: words.trim().slice(0, 200) }];
    });
}

/** Of one card, by its address on the bus; newest last. */
export function xidsOf(xids: readonly XidAt[], pciAddress: string): readonly Xid[] {
  const card = (parsePciAddress(pciAddress) ?? '').replace(/\.[0-7]$/, '');
  return xids
    .filter((xid) => xid.card === card)
    .map(({ code, at, text }) => ({ code, at, text }))
    .slice(-mostXids);
}

/** `null`: nobody lets us read the log. Never rejects. */
export async function readXids(
  probe: Probe,
  { at, deadlineMs }: { readonly at: number; readonly deadlineMs: number },
): Promise<readonly XidAt[] | null> {
  const bootAt = await readBootAt(probe, at);
  const ran = await probe.run('dmesg', [], deadlineMs);
  if (ran.outcome === 'ended' && ran.code === 0) return parseXids(ran.stdout, bootAt);
  const words = ['-k', '-b', '-q', '--no-pager', '-o', 'short-monotonic', '-g', 'NVRM: Xid', '-n', '200'];
  const journal = await probe.run('journalctl', words, deadlineMs);
  // A user who may not read it gets an answer without lines, and a hint on the other output.
  if (journal.outcome !== 'ended' || journal.stderr.trim() !== '') return null;
  return journal.code === 0 || journal.code === 1 ? parseXids(withoutHost(journal.stdout), bootAt) : null;
}

/** The journal writes the name of the machine and `kernel:` before what the kernel said. */
function withoutHost(text: string): string {
  return text.replaceAll(/^(\[ *[\d.]+\]) \S{1,64} kernel: /gm, '$1 ');
}

async function readBootAt(probe: Probe, at: number): Promise<number | null> {
  const seconds = /^(\d{1,12})\.\d+ /.exec((await probe.readFile('/proc/uptime')) ?? '')?.[1];
  return seconds === undefined ? null : at - Number(seconds) * 1_000;
}
