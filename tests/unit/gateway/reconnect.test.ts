// Jobs' networks keep their way to GitLab when the container that answers for it was made anew.
import { describe, expect, it } from 'vitest';
import type { EngineCall } from '../../../main/gateway/decision.ts';
import type { EngineLink } from '../../../main/gateway/engine-link.ts';
import { takeLabels } from '../../../main/gateway/labels.ts';
import { reconnect } from '../../../main/gateway/reconnect.ts';
import { sweep } from '../../../main/gateway/sweep.ts';
import { label } from '../../../main/model/labels.ts';
import { ask, someGrant, someKnown } from '../../fakes/gateway.ts';

const front = 'lab-traefik-1';
const reach = ['gitlab.lab.test', 'auth.lab.test'].map((alias) => ({ container: front, alias }));
const grant = JSON.stringify({ ...someGrant, reach });
const network = 'runner-own-network';

/** An engine whose networks have these containers; it keeps what it is asked to change. */
function engineWith(attached: readonly string[], lists: Readonly<Record<string, unknown>> = {}) {
  const changes: EngineCall[] = [];
  const refused = (): Promise<never> => Promise.reject(new Error('not asked for here'));
  const ask: EngineLink['ask'] = async (call) => {
    if (call.method !== 'GET') {
      changes.push(call);
      return { status: 200, value: null };
    }
    const role = /role=(\w+)/.exec(call.query['filters'] ?? '')?.[1] ?? '';
    if (role !== '') return { status: 200, value: lists[`${call.path} ${role}`] ?? [] };
    const Containers = Object.fromEntries(attached.map((Name, id) => [String(id), { Name }]));
    return { status: 200, value: { Containers } };
  };
  return { engine: { ask, send: refused, upgrade: refused }, changes };
}

const connected = [
  {
    ...{ method: 'POST', path: `/networks/${network}/connect`, query: {} },
    body: { Container: front, EndpointConfig: { Aliases: ['gitlab.lab.test', 'auth.lab.test'] } },
  },
];

describe('the way of a job to GitLab', () => {
  it('is made with the network: one connection, under all the names that the container has', () => {
    const reach = ['gitlab.lab.test', 'auth.lab.test'].map((alias) => ({
      container: 'lab-traefik-1',
      alias,
    }));
    const body = { Name: 'runner-new-net', Driver: '', Labels: {} };
    const made = ask('POST', '/v1.41/networks/create', body, { grant: { reach } });
    expect('allow' in made ? made.allow.after.map((call) => call.body) : made).toEqual([
      { Container: front, EndpointConfig: { Aliases: ['gitlab.lab.test', 'auth.lab.test'] } },
    ]);
    const ended = ask('DELETE', '/v1.41/networks/runner-own-net', undefined, { grant: { reach } });
    expect('allow' in ended ? ended.allow.before : ended).toHaveLength(1);
  });

  it('is made again where it is lost', async () => {
    const { engine, changes } = engineWith(['runner-own-build']);
    expect(await reconnect(engine, [{ name: network, grant }])).toBe(1);
    expect(changes).toEqual(connected);
  });

  it('is left alone where it is, and where no job is any more', async () => {
    for (const there of [[front, 'runner-own-build'], []]) {
      const { engine, changes } = engineWith(there);
      expect(await reconnect(engine, [{ name: network, grant }])).toBe(0);
      expect(changes).toEqual([]);
    }
  });

  it.each(['', 'no JSON', '{"reach":7}', '{}'])('is not known from a grant like %j', async (text) => {
    const { engine, changes } = engineWith(['runner-own-build']);
    expect(await reconnect(engine, [{ name: network, grant: text }])).toBe(0);
    expect(changes).toEqual([]);
  });

  it('is looked after while the runner lives, with every sweep', async () => {
    const { runner } = someKnown;
    const taken = takeLabels({}, network, someGrant, someKnown);
    const Labels = 'fields' in taken ? taken.fields : {};
    const alive = { Id: '1', Names: [`/${runner}`], State: 'running', Labels: { [label.grant]: grant } };
    const { engine, changes } = engineWith(['runner-own-build'], {
      '/networks job': [{ Name: network, Labels }],
      '/containers/json runner': [alive],
      '/volumes job': { Volumes: [] },
    });
    expect(await sweep({ engine, instance: someKnown.instance, sign: someKnown.sign })).toBe(0);
    expect(changes).toEqual(connected);
  });
});
