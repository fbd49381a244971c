// A browser on a machine that asks a lab's own name server for every name: Chromium in a mount namespace of its own.
import { mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chromium } from 'playwright';
import type { BrowserContext } from 'playwright';
import type { StackLab } from './stack-lab.ts';

/** A fresh profile in `folder`, which the caller removes; it is closed by the caller, too. */
export async function openBrowser(
  stack: StackLab,
  folder: string,
  /** Names that are none of the lab's, with where they lead. */
  others: Readonly<Record<string, string>> = {},
): Promise<BrowserContext> {
  const program = process.env['AUTOGIT_CHROMIUM'] ?? '/usr/bin/chromium';
  const wrapper = join(folder, 'lab-browser.sh');
  const resolvers = join(stack.home, '..', 'resolv.conf');
  const script = `mount --bind ${JSON.stringify(resolvers)} /etc/resolv.conf && exec "$@"`;
  const line = `exec unshare --mount --propagation private sh -c '${script}' sh ${program} "$@"`;
  await writeFile(wrapper, `#!/bin/sh\n${line}\n`, { mode: 0o755 });
  const rules = Object.entries(others).map(([name, address]) => `MAP ${name} ${address}`);
  const ruled = rules.length === 0 ? [] : [`--host-resolver-rules=${rules.join(', ')}`];
  // Whether a fresh profile trusts the root is a test of its own; this is about who signs in.
  return chromium.launchPersistentContext(await mkdtemp(join(folder, 'browser-')), {
    executablePath: wrapper,
    args: ['--no-sandbox', '--disable-features=DnsOverHttps', ...ruled],
    ignoreHTTPSErrors: true,
  });
}
