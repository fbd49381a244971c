// Removes what the jobs of a runner have left once the runner has ended, also after the gateway itself was away, and sees
// that the networks of the others lead to GitLab.
import { z } from 'zod';
import { label } from '../model/labels.ts';
import type { EngineLink } from './engine-link.ts';
import { ownerOf } from './labels.ts';
import { reconnect } from './reconnect.ts';

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const containerList = z.array(
  z
    .object({ Id: z.string(), Names: z.array(z.string()), State: z.string(), Labels: labels })
    .transform(({ Id, Names, State, Labels }) => ({
      ...{ id: Id, name: (Names[0] ?? '').replace(/^\//, ''), state: State, labels: Labels },
    })),
);
const named = z
  .object({ Name: z.string(), Labels: labels })
  .transform(({ Name, Labels }) => ({ name: Name, labels: Labels }));
const volumeList = z.object({ Volumes: z.array(named).nullish() });
const attached = z.object({ Containers: z.record(z.string(), z.unknown()).nullish() });

const ended: readonly string[] = ['exited', 'dead', 'removing', 'stopped'];

export interface SweepOptions {
  readonly engine: EngineLink;
  readonly instance: string;
  readonly sign: (text: string) => string;
}

/** One look, and what follows from it. Rejects when the engine does not answer: then nothing was removed by mistake. */
export async function sweep({ engine, instance, sign }: SweepOptions): Promise<number> {
  const list = async (path: string, role: string): Promise<unknown> => {
    const filters = JSON.stringify({ label: [`${label.instance}=${instance}`, `${label.role}=${role}`] });
    const query = { filters, ...(path === '/containers/json' ? { all: 'true' } : {}) };
    const { status, value } = await engine.ask({ method: 'GET', path, query });
    if (status !== 200) throw new Error(`${path} was answered with ${status}`);
    return value;
  };
  // What was made is looked at before the runners: one that is missing afterwards has ended since.
  const made = {
    containers: containerList.parse(await list('/containers/json', 'job')),
    networks: z.array(named).parse(await list('/networks', 'job')),
    volumes: volumeList.parse(await list('/volumes', 'job')).Volumes ?? [],
  };
  const runners = containerList.parse(await list('/containers/json', 'runner'));
  const alive = new Set(runners.filter(({ state }) => !ended.includes(state)).map(({ name }) => name));
  const isLeft = (object: { readonly name: string; readonly labels: Readonly<Record<string, string>> }) => {
    const owner = ownerOf(object.name, object.labels, { instance, sign });
    return owner !== null && !alive.has(owner);
  };
  const left = {
    containers: made.containers.filter(isLeft),
    networks: made.networks.filter(isLeft),
    volumes: made.volumes.filter(isLeft),
  };
  const grants = new Map(runners.map((runner) => [runner.name, runner.labels[label.grant]]));
  const inUse = made.networks.flatMap((network) => {
    const grant = grants.get(ownerOf(network.name, network.labels, { instance, sign }) ?? '');
    return isLeft(network) || grant === undefined ? [] : [{ name: network.name, grant }];
  });
  for (const { id } of left.containers)
    await remove(engine, `/containers/${id}`, { force: 'true', v: 'true' });
  for (const { name } of left.networks) await removeNetwork(engine, name);
  for (const { name } of left.volumes) await remove(engine, `/volumes/${name}`, {});
  await reconnect(engine, inUse);
  return left.containers.length + left.networks.length + left.volumes.length;
}

async function remove(
  engine: EngineLink,
  path: string,
  query: Readonly<Record<string, string>>,
): Promise<void> {
  await engine.ask({ method: 'DELETE', path, query });
}

/** GitLab's container is still on it. */
async function removeNetwork(engine: EngineLink, name: string): Promise<void> {
  const { value } = await engine.ask({ method: 'GET', path: `/networks/${name}`, query: {} });
  const parsed = attached.safeParse(value);
  for (const Container of Object.keys(parsed.data?.Containers ?? {})) {
    const body = { Container, Force: true };
    await engine.ask({ method: 'POST', path: `/networks/${name}/disconnect`, query: {}, body });
  }
  await remove(engine, `/networks/${name}`, {});
}
