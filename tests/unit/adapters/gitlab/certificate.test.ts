// A GitLab whose certificate an own root has signed, on a name that this machine does not know.
import { createServer } from 'node:https';
import type { Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectGitlab } from '../../../../main/adapters/gitlab/connect-gitlab.ts';
import type { GitlabAddress } from '../../../../main/model/world.ts';
import { someAuthority } from '../../../fakes/some-authority.ts';

const name = 'gitlab.lab.home.arpa';
let authority: string;
let other: string;
let server: Server;
let connect: string;

beforeAll(async () => {
  const made = await someAuthority([name]);
  authority = made.authority;
  other = (await someAuthority(['else.test'])).authority;
  server = createServer({ cert: made.certificate, key: made.key }, ({ url }, answer) => {
    const body = url === '/api/v4/user' ? { is_admin: true } : { version: '19.4.0', revision: 'abc' };
    answer.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(undefined)));
  const address: AddressInfo | string | null = server.address();
  connect = `127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`;
});
afterAll(() => void server.close());

function ask(way: Partial<GitlabAddress>): Promise<unknown> {
  const url = way.url ?? `https://${name}`;
  return connectGitlab({ url, runnerUrl: url, connect, ...way }, 'glpat-x').version();
}

describe('a GitLab with a certificate of an own root', () => {
  it('is reached by its name at the place that is said, once the root is trusted', async () => {
    expect(await ask({ ca: authority })).toMatchObject({ version: '19.4.0', admin: true });
  });

  it('is refused without the root, and with another one', async () => {
    for (const ca of [null, other])
      await expect(ask({ ca })).rejects.toMatchObject({
        key: 'gitlab.certificate',
        message: expect.stringContaining('nobody whom AutoGit trusts has signed it') as unknown,
        next: expect.stringContaining('gitlab.ca') as unknown,
      });
  });

  it('is refused where the certificate is for another name', async () => {
    await expect(ask({ ca: authority, url: 'https://git.lab.home.arpa' })).rejects.toMatchObject({
      key: 'gitlab.certificate',
      message: expect.stringContaining('it is for other names') as unknown,
    });
  });

  it('says at the first call, and not before, that the root is none', async () => {
    await expect(ask({ ca: 'no certificate' })).rejects.toMatchObject({ key: 'gitlab.certificate' });
  });
});
