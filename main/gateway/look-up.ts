// Asks the engine about the objects that a request names: whether they are there, and whose they are.
import { z } from 'zod';
import type { EngineLink } from './engine-link.ts';
import { ownerOf } from './labels.ts';
import type { Known, KnownObject, Reference } from './known.ts';

const labels = z
  .record(z.string(), z.string())
  .nullish()
  .transform((value) => value ?? {});
const shapes = {
  container: z
    .object({ Id: z.string(), Name: z.string(), Config: z.object({ Labels: labels }) })
    .transform(({ Id, Name, Config }) => ({ id: Id, name: Name.replace(/^\//, ''), labels: Config.Labels })),
  volume: z
    .object({ Name: z.string(), Labels: labels })
    .transform(({ Name, Labels }) => ({ id: Name, name: Name, labels: Labels })),
  network: z
    .object({ Id: z.string(), Name: z.string(), Labels: labels })
    .transform(({ Id, Name, Labels }) => ({ id: Id, name: Name, labels: Labels })),
} as const;
const execShape = z.object({ ContainerID: z.string() });

const places = {
  container: (name: string) => `/containers/${name}/json`,
  volume: (name: string) => `/volumes/${name}`,
  network: (name: string) => `/networks/${name}`,
} as const;

/** What of the engine a name of this kind may be; anything else is not asked for. */
const askable = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,300}$/;

type Signer = Pick<Known, 'instance' | 'sign' | 'runner'>;

/** Everything that `references` name. Rejects when the engine does not answer as it should. */
export async function lookUp(
  engine: EngineLink,
  references: readonly Reference[],
  signer: Signer,
): Promise<Known['find']> {
  const found = await Promise.all(
    references.map(async (reference) => [keyOf(reference), await lookAt(engine, reference, signer)] as const),
  );
  const known = new Map(found);
  return (reference) => known.get(keyOf(reference));
}

function keyOf({ kind, name }: Reference): string {
  return `${kind} ${name}`;
}

async function lookAt(
  engine: EngineLink,
  { kind, name }: Reference,
  signer: Signer,
): Promise<KnownObject | null | undefined> {
  if (!askable.test(name)) return undefined;
  if (kind !== 'exec') return await describe(engine, kind, name, signer);
  const { status, value } = await engine.ask({ method: 'GET', path: `/exec/${name}/json`, query: {} });
  if (status === 404) return null;
  const { ContainerID } = execShape.parse(value);
  const container = await describe(engine, 'container', ContainerID, signer);
  return container === null ? null : { ...container, id: name };
}

async function describe(
  engine: EngineLink,
  kind: keyof typeof shapes,
  name: string,
  signer: Signer,
): Promise<KnownObject | null> {
  const { status, value } = await engine.ask({ method: 'GET', path: places[kind](name), query: {} });
  if (status === 404) return null;
  const object = shapes[kind].parse(value);
  return {
    id: object.id,
    name: object.name,
    own: ownerOf(object.name, object.labels, signer) === signer.runner,
  };
}
