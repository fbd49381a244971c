// `gitlab connect`, `names` and `diagnose` at the command line, over a pretended core.
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { fakeAccess } from '../../fakes/fake-access.ts';
import { fakeCli } from '../../fakes/fake-cli.ts';
import type { FakeCli, FakeCliOptions } from '../../fakes/fake-cli.ts';
import type { CoreAccess } from '../../../main/serve/find-core.ts';

const clis: FakeCli[] = [];
afterEach(async () => {
  for (const cli of clis.splice(0)) await cli.remove();
});

const token = 'glpat-typed-by-a-person';

/** A command line whose core writes down what it is asked. */
async function open(options: FakeCliOptions = {}): Promise<{ cli: FakeCli; asked: unknown[] }> {
  const asked: unknown[] = [];
  const real = fakeAccess({ stepMs: 20, max: 3 });
  const access: CoreAccess = {
    ...real,
    createCore: async (given) => {
      const core = await real.createCore(given);
      return {
        ...core,
        through: (door) => {
          const inner = core.through(door);
          return {
            ...inner,
            call: (name, input) => {
              asked.push({ name, input });
              return inner.call(name, input);
            },
          };
        },
      };
    },
  };
  const cli = await fakeCli({ access, ...options });
  clis.push(cli);
  return { cli, asked };
}

const connect = 'gitlab connect --url https://gitlab.example.org';

describe('gitlab connect', () => {
  it.each<readonly [string, FakeCliOptions]>([
    ['the environment', { env: { AUTOGIT_GITLAB_TOKEN: token } }],
    ['a hidden prompt', { typed: [token] }],
    ['standard input', { files: { '-': `${token}\n` } }],
  ])('takes its token from %s, and never shows it', async (_, options) => {
    const { cli, asked } = await open(options);
    expect(await cli.run(connect)).toBe(0);
    expect(asked).toMatchObject([
      { name: 'gitlab.connect', input: { token, url: 'https://gitlab.example.org' } },
    ]);
    expect(cli.out() + cli.err()).not.toContain(token);
    expect(cli.out()).toContain('19.3.0');
  });

  it('has no option for a token, whose words everybody on the machine could read', async () => {
    const { cli, asked } = await open();
    expect(await cli.run(`${connect} --token ${token}`)).toBe(2);
    expect(asked).toEqual([]);
    await cli.run('gitlab connect --help');
    expect(cli.out()).not.toContain('--token');
  });

  it('names the file of the root by its whole path, and asks without a token where nobody gives one', async () => {
    const { cli, asked } = await open({ files: { '-': '' } });
    expect(await cli.run(`${connect} --ca root.crt --dry-run`)).toBe(0);
    const input = { url: 'https://gitlab.example.org', ca: path.resolve('root.crt'), dryRun: true };
    expect(asked).toMatchObject([{ input }]);
    expect(JSON.stringify(asked)).not.toContain('token');
  });
});

describe('names', () => {
  it('are shown as a table with text to copy, and one form alone as nothing but its text', async () => {
    const { cli } = await open();
    expect(await cli.run('names show')).toBe(0);
    expect(await cli.run('names show hosts')).toBe(0);
    expect(cli.out()).toBe('192.168.1.10 gitlab.lab.home.arpa\n');
  });

  it('are verified, with what git over SSH says', async () => {
    const { cli } = await open();
    expect(await cli.run('names verify')).toBe(0);
    expect(cli.out()).toContain('Devices of this network find lab.home.arpa.');
    expect(cli.out()).toContain('SSH-2.0-OpenSSH_9.6');
  });

  it('are published only when --yes says so', async () => {
    const { cli, asked } = await open();
    await cli.run('names publish');
    await cli.run('names publish --yes');
    expect(asked).toMatchObject([{ input: { yes: false } }, { input: { yes: true } }]);
  });
});

describe('diagnose', () => {
  it('writes an archive that only its owner reads, and says what is in it', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'autogit-diagnose-'));
    const file = path.join(folder, 'for-helper.zip');
    const { cli } = await open();
    try {
      expect(await cli.run(`diagnose --out ${file}`)).toBe(0);
      expect(cli.out()).toContain('README.txt');
      expect(cli.out()).toContain(file);
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      expect((await readFile(file)).includes('autogit-diagnose-20260102-030405/README.txt')).toBe(true);
      expect(await cli.run(`diagnose --out ${file} --json`)).toBe(1);
      expect(cli.out()).toContain('diagnose.archive-exists');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
