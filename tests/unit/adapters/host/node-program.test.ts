// Which Node goes into the sandbox's image.
import { chmodSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findNode } from '../../../../main/adapters/host/node-program.ts';
import { temporaryFolder } from './temporary.ts';

const inElectron = { execPath: '/opt/electron', versions: { electron: '33.2.1', node: '20.18.1' } };

/** A folder with a `node` that says a version. */
function folderWith(version: string): string {
  const folder = temporaryFolder();
  const program = path.join(folder, 'real', 'node');
  mkdirSync(path.dirname(program));
  writeFileSync(program, `#!/bin/sh\necho ${version}\n`);
  chmodSync(program, 0o755);
  symlinkSync(program, path.join(folder, 'node'));
  return folder;
}

describe('the Node of the image', () => {
  it('is the one that runs this program', async () => {
    expect(await findNode('', { execPath: '/opt/node', versions: { node: '24.0.0' } })).toBe('/opt/node');
  });

  it('is, in Electron, the first on the path that is new enough, at its real place', async () => {
    const [empty, old, fit, later] = [
      temporaryFolder(),
      ...['v20.20.0', 'v22.13.0', 'v24.1.0'].map(folderWith),
    ];
    const search = ['relative', empty, old, fit, later].join(path.delimiter);
    expect(await findNode(search, inElectron)).toBe(realpathSync(path.join(fit ?? '', 'node')));
  });

  it('is told to be missing where there is none', async () => {
    const search = [folderWith('v22.12.9'), folderWith('no version')].join(path.delimiter);
    await expect(findNode(search, inElectron)).rejects.toMatchObject({ key: 'host.image-tool-missing' });
  });
});
