// `autogit web` over a core in this process.
import { rm } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startServe } from '../../../main/serve/serve.ts';
import type { Doors } from '../../../main/serve/serve.ts';
import type { OwnCore } from '../../../main/serve/find-core.ts';
import { fakeCli } from '../../fakes/fake-cli.ts';
import type { FakeCli } from '../../fakes/fake-cli.ts';

let cli: FakeCli;
let core: OwnCore;
let doors: Doors;

const paths = () => cli.access.homePaths(cli.world.env, { demo: false });

beforeEach(async () => {
  cli = await fakeCli({ terminal: { columns: 80, rows: 24 } });
  core = await cli.access.createCore({
    ...{ env: cli.world.env, home: 'default', act: true },
    terminalLogLevel: 'error',
  });
  doors = await startServe({ core, paths: paths(), log: core.log });
  await core.announce(doors);
});
afterEach(async () => {
  await doors.close();
  await core.stop();
  await cli.remove();
});

describe('autogit web', () => {
  it('prints the link alone, so that it can be handed on to a program, and what it is beside it', async () => {
    expect(await cli.run('web')).toBe(0);
    expect(cli.out()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}\n$/);
    expect(cli.err()).toContain('do not pass it on');
  });

  it('says that a core has no page', async () => {
    await core.announce({ ...doors, address: null });
    expect(await cli.run('web')).toBe(3);
    expect([cli.out(), cli.err()]).toEqual([
      '',
      expect.stringMatching(/has no web page[^]*core.unreachable/),
    ]);
  });

  it('says that there is no token', async () => {
    await rm(paths().httpToken);
    expect(await cli.run('web --json')).toBe(3);
    expect(JSON.parse(cli.out())).toMatchObject({ error: { key: 'core.unreachable' } });
  });
});
