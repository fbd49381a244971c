// A browser on a machine that asks a lab's own name server for every name: Chromium in a mount namespace of its own.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { BrowserContext } from 'playwright';
import type { StackLab } from './stack-lab.ts';

/** System call of `socket`, by processor (`asm/unistd.h` of Linux). */
const socketCalls: Readonly<Record<string, number>> = { x64: 41, arm64: 198 };
const netlink = 16;
/** What the call ends with: `EAFNOSUPPORT`. */
const notSupported = 97;

/**
 * A seccomp filter that refuses netlink sockets (`linux/filter.h`). Without one Chromium does not hear of the container networks that
 * come and go beside it; with one it breaks off what it is asking, with ERR_NETWORK_CHANGED.
 */
function withoutNetlink(): Buffer {
  const socket = socketCalls[process.arch];
  if (socket === undefined) throw new Error(`the number of socket is not known on ${process.arch}`);
  const [load, jumpIfEqual, end] = [0x20, 0x15, 0x06];
  const [allow, refuse] = [0x7fff_0000, 0x0005_0000 + notSupported];
  const steps = [
    { code: load, no: 0, value: 0 },
    { code: jumpIfEqual, no: 3, value: socket },
    { code: load, no: 0, value: 16 },
    { code: jumpIfEqual, no: 1, value: netlink },
    { code: end, no: 0, value: refuse },
    { code: end, no: 0, value: allow },
  ];
  const filter = Buffer.alloc(steps.length * 8);
  for (const [index, { code, no, value }] of steps.entries()) {
    filter.writeUInt16LE(code, index * 8);
    filter.writeUInt8(no, index * 8 + 3);
    filter.writeUInt32LE(value, index * 8 + 4);
  }
  return filter;
}

/** With a fresh profile in `folder`, which the caller removes; it is closed by the caller, too. */
export async function launchBrowser(
  /** Takes the place of /etc/resolv.conf. */
  resolvers: string,
  folder: string,
  args: readonly string[] = [],
): Promise<BrowserContext> {
  const program = process.env['AUTOGIT_CHROMIUM'] ?? '/usr/bin/chromium';
  const [wrapper, filter] = [join(folder, 'lab-browser.sh'), join(folder, 'lab-browser.bpf')];
  await writeFile(filter, withoutNetlink());
  const machine = `--dev-bind / / --bind ${JSON.stringify(resolvers)} /etc/resolv.conf`;
  const line = `exec bwrap ${machine} --seccomp 9 -- ${program} "$@" 9< ${JSON.stringify(filter)}`;
  await writeFile(wrapper, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  // Whether a fresh profile trusts the root is a test of its own.
  return chromium.launchPersistentContext(await mkdtemp(join(folder, 'browser-')), {
    executablePath: wrapper,
    args: ['--no-sandbox', '--disable-features=DnsOverHttps', ...args],
    ignoreHTTPSErrors: true,
  });
}

/** Asks the name server of the stack. */
export function openBrowser(
  stack: StackLab,
  folder: string,
  /** Names that are none of the lab's, with where they lead. */
  others: Readonly<Record<string, string>> = {},
): Promise<BrowserContext> {
  const rules = Object.entries(others).map(([name, address]) => `MAP ${name} ${address}`);
  const ruled = rules.length === 0 ? [] : [`--host-resolver-rules=${rules.join(', ')}`];
  return launchBrowser(join(stack.home, '..', 'resolv.conf'), folder, ruled);
}
