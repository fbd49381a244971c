// Secrets that are lost, exposed or damaged, through every door: nothing is begun anew behind anybody's back.
import { chmodSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { cli, freshEnv, refusedEverywhere } from './every-door.ts';

interface UsedHome {
  readonly env: ReturnType<typeof freshEnv>;
  readonly folder: string;
  readonly key: string;
  readonly file: string;
}

/** A home that has worked, and keeps a secret. */
async function usedHome(): Promise<UsedHome> {
  const env = freshEnv();
  await cli({ ...env, AUTOGIT_GITLAB_TOKEN: 'glpat-to-be-kept-well' }, 'queue refresh');
  const folder = path.join(env.AUTOGIT_HOME, 'secrets');
  return { env, folder, key: path.join(folder, 'key'), file: path.join(folder, 'secrets.enc') };
}

const cases: readonly (readonly [what: string, key: string, damage: (home: UsedHome) => void])[] = [
  ['without their key', 'secrets.key-missing', ({ key }) => rmSync(key)],
  ['whose key others can read', 'secrets.key-exposed', ({ key }) => chmodSync(key, 0o644)],
  ['whose key is cut off', 'secrets.damaged', ({ key }) => writeFileSync(key, 'short')],
  [
    'that are cut off',
    'secrets.damaged',
    ({ file }) => writeFileSync(file, readFileSync(file).subarray(0, 40)),
  ],
  ['whose key is another one', 'secrets.damaged', ({ key }) => writeFileSync(key, Buffer.alloc(32, 7))],
  [
    'whose key is a folder',
    'secrets.no-access',
    ({ key }) => {
      rmSync(key);
      mkdirSync(key);
    },
  ],
  ['whose folder others may write to', 'secrets.folder-exposed', ({ folder }) => chmodSync(folder, 0o777)],
  [
    'that are gone, all of them',
    'secrets.not-of-this-home',
    ({ folder }) => rmSync(folder, { recursive: true }),
  ],
];

describe('secrets', { timeout: 60_000 }, () => {
  it.each(cases)('%s are %s, and are left as they are', async (_what, key, damage) => {
    const home = await usedHome();
    damage(home);
    expect(await refusedEverywhere(home.env)).toMatchObject({ key, code: 1 });
    expect(await refusedEverywhere(home.env), 'asked once more').toMatchObject({ key });
  });

  it('in a folder that others can list are made private, since none of its files shows anything', async () => {
    const { env, folder } = await usedHome();
    chmodSync(folder, 0o755);
    expect(await cli(env, 'status')).toMatchObject({ code: 0, err: '' });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });

  it('of which only the file is gone are missed where they are needed', async () => {
    const { env, file } = await usedHome();
    writeFileSync(
      path.join(env.AUTOGIT_HOME, 'settings.yaml'),
      'version: 1\ngitlab:\n  kind: server\n  url: http://127.0.0.1:9\n',
    );
    rmSync(file);
    const { out } = await cli(env, 'issue list');
    expect(out).toContain('gitlab.token-missing');
    expect(out).toContain('AUTOGIT_GITLAB_TOKEN=');
  });
});
