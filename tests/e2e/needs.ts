// What the tests of this tier use on this machine; without it they are skipped and counted, unless somebody requires them.
import { fileURLToPath } from 'node:url';
import { findElectron as findIn } from '../../main/bootstrap/electron.js';
import type { Electron } from '../../main/bootstrap/electron.js';
import { findTool, tools } from '../../main/bootstrap/items.js';
import type { ToolId } from '../../main/bootstrap/items.js';

export type { Electron } from '../../main/bootstrap/electron.js';

/** The repository. */
export const root = fileURLToPath(new URL('../../', import.meta.url));

/** The Electron that the bootstrap found or fetched (`AUTOGIT_ELECTRON`), or the one that is there. */
export const electron: Electron | null = findIn(root, process.env);

/** Path of Chromium: `AUTOGIT_CHROMIUM`, or on the `PATH`. */
export const chromium: string | null = findTool('chromium', process.env);

/** Root has no use of Chromium's sandbox; everybody else's tests run with it. */
export const asRoot: readonly string[] = process.getuid?.() === 0 ? ['--no-sandbox'] : [];

/**
 * Whether to skip tests of the page in a browser: `describe.skipIf(!canBrowse)`.
 * With `AUTOGIT_REQUIRE_E2E` nothing may be missing: loading the file fails and names what is.
 */
export const canBrowse: boolean = has('tests of the page', lackingTools(['chromium']));

/** Whether tests of the desktop can run: `describe.skipIf(!canShowDesktop)`. */
export const canShowDesktop: boolean = has('tests of the desktop', [
  ...lackingTools(['screen', 'desktop-libraries']),
  ...(electron === null ? ['Electron'] : []),
]);

/** Whether a real notification daemon is there: `it.skipIf(!canNotify)`. */
export const canNotify: boolean =
  canShowDesktop && has('tests of notifications', lackingTools(['notifications']));

function lackingTools(ids: readonly ToolId[]): readonly string[] {
  return ids.filter((id) => findTool(id, process.env) === null).map((id) => tools[id].label);
}

function has(what: string, lacking: readonly string[]): boolean {
  if (lacking.length > 0 && process.env['AUTOGIT_REQUIRE_E2E'])
    throw new Error(`${what} are required here (AUTOGIT_REQUIRE_E2E), but ${lacking.join(', ')} is not here`);
  return lacking.length === 0;
}
