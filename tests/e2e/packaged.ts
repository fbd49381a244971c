// The packaged desktop for tests: built once for all of them, and a copy of the folder that a test may spoil.
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { buildParts } from '../../main/bootstrap/build.js';
import { electronInWords, silence } from './desktop-app.ts';
import { canShowDesktop, root } from './needs.ts';

const run = promisify(execFile);

/** Packages are tried where they are made: on Linux. */
export const canPackage = canShowDesktop && process.platform === 'linux';

export const packages = path.join(root, 'dist', 'packages');

/** The folder that electron-builder made, which every test shares: to be read only. */
export const unpackedFolder = path.join(packages, 'linux-unpacked');

/** Makes the package where it is stale, and says what it is made of. */
export async function buildPackage(): Promise<void> {
  process.stderr.write(`The package is made of ${electronInWords()}.\n`);
  const options = { node: process.execPath, env: process.env, report: silence };
  await buildParts(root, ['page', 'desktop', 'package'], options);
}

/** A folder beside the packages, for hard links into them. */
export function makeScratch(): Promise<string> {
  return mkdtemp(path.join(packages, 'test-'));
}

/** The package's folder once more, by links: new files may be put into it, those there must not be written to. */
export async function copyUnpacked(scratch: string): Promise<string> {
  const copy = path.join(scratch, 'linux-unpacked');
  await run('cp', ['-al', unpackedFolder, copy]);
  return copy;
}

export function removeScratch(scratch: string): Promise<void> {
  return rm(scratch, { recursive: true, force: true });
}
