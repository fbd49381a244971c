// The roots that a job's programs are to trust: the gateway writes them into its containers.
import { text } from 'node:stream/consumers';
import { extract } from 'tar-stream';
import { describe, expect, it } from 'vitest';
import { renderTar } from '../../../main/gateway/trust.ts';
import { trustEnvironment } from '../../../main/model/job-trust.ts';
import { ask, createTarget, jobBody } from '../../fakes/gateway.ts';

const trust = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

function made(type: string, grant: Parameters<typeof ask>[3] = { grant: { trust } }) {
  const body = { ...jobBody, Labels: { 'com.gitlab.gitlab-runner.type': type } };
  const decision = ask('POST', createTarget, body, grant);
  if (!('allow' in decision)) throw new Error(JSON.stringify(decision));
  return decision.allow;
}

/** As another program reads it. */
async function read(tar: Uint8Array) {
  const entries: { name: string; mode: number | undefined; uid: number | undefined; content: string }[] = [];
  const source = extract();
  source.end(tar);
  for await (const entry of source) {
    const { name, mode, uid } = entry.header;
    entries.push({ name, mode, uid, content: await text(entry) });
  }
  return entries;
}

describe('a container of a job', () => {
  it.each(['build', 'service'])('has the files before it can be started: %s', async (type) => {
    const [call, ...others] = made(type).completing;
    expect(others).toEqual([]);
    expect(call).toMatchObject({
      ...{ method: 'PUT', path: '/v1.41/containers/runner-new-build/archive', query: { path: '/' } },
    });
    const files = await read(call?.tar ?? new Uint8Array());
    expect(files.map(({ name, mode, uid }) => [`/${name}`, mode, uid])).toEqual(
      [...new Set(Object.values(trustEnvironment))].map((path) => [path, 0o444, 0]),
    );
    expect(files.map(({ content }) => content.includes(trust))).toEqual([true, true, false]);
  });

  it('has none where the home has no own root, and the runner’s helper never has', () => {
    expect(made('build', {}).completing).toEqual([]);
    expect(made('predefined').completing).toEqual([]);
  });
});

describe('the tar', () => {
  it.each([0, 1, 511, 512, 513])('is read by others as it was meant: %i bytes', async (size) => {
    const files = [
      { path: '/etc/a', content: 'x'.repeat(size), mode: 0o444 },
      { path: '/etc/b', content: 'é', mode: 0o600 },
    ];
    expect(await read(renderTar(files))).toEqual([
      { name: 'etc/a', mode: 0o444, uid: 0, content: 'x'.repeat(size) },
      { name: 'etc/b', mode: 0o600, uid: 0, content: 'é' },
    ]);
  });
});
