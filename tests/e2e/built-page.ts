// The built page, as new as its sources.
import { buildParts } from '../../main/bootstrap/build.js';
import { root } from './needs.ts';

const nothing = (): void => undefined;
const report = {
  line: nothing,
  begin: () => ({ say: nothing, end: nothing }),
  note: nothing,
  problem: nothing,
};

/** Builds the page when it is stale; two at once do it once. */
export function buildPage(): Promise<void> {
  return buildParts(root, ['page'], { node: process.execPath, env: process.env, report });
}
