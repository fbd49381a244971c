// A real Chromium for tests of the page.
import { chromium as launcher } from 'playwright';
import type { Browser } from 'playwright';
import { asRoot, chromium } from './needs.ts';

/** Starts Debian's (or the named) Chromium without a window; the caller closes it. */
export function launchBrowser(): Promise<Browser> {
  if (chromium === null) throw new Error('there is no chromium; guard the test with canBrowse');
  return launcher.launch({
    executablePath: chromium,
    args: [...asRoot],
    chromiumSandbox: asRoot.length === 0,
  });
}
