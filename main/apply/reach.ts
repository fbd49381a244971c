// How runners and their jobs find GitLab where it is a container on the same engine: the sandbox, or a stack.
import { AutoGitError } from '../errors.ts';
import type { WrittenGrant } from '../model/grant.ts';
import type { Action } from '../model/world.ts';
import type { ApplyContext } from './context.ts';
import { sandboxAlias, sandboxName } from './sandbox.ts';

type Start = Pick<Extract<Action, { kind: 'start-runner' }>, 'node' | 'address'>;

/** Further names by which one container is known on the stack's network: the one that answers for GitLab. */
interface Front {
  readonly container: string;
  readonly names: readonly string[];
}

/**
 * What each job's network is connected with. On the stack's network the container with GitLab's public name has those of
 * all its other services, too. Rejects with `runner.stack-name-missing`.
 */
export async function reachOf(start: Start, context: ApplyContext): Promise<WrittenGrant['reach']> {
  const { network } = start.address;
  if (network === undefined || network === null) {
    const isHere = context.store.sandboxNode() === start.node;
    return isHere ? [{ container: sandboxName(context.instance), alias: sandboxAlias }] : [];
  }
  const front = await frontOf(start, network, context);
  if (front === null) throw nameMissing(network, hostOf(start));
  return front.names.map((alias) => ({ container: front.container, alias }));
}

/** Names that a runner finds even where the engine's name server loses them, and the containers that have them. */
export async function namesOf(
  start: Start,
  context: ApplyContext,
): Promise<Readonly<Record<string, string>>> {
  const { network } = start.address;
  if (network === undefined || network === null) {
    const isHere = context.store.sandboxNode() === start.node;
    return isHere ? { [sandboxAlias]: sandboxName(context.instance) } : {};
  }
  const front = await frontOf(start, network, context);
  return Object.fromEntries((front?.names ?? []).map((name) => [name, front?.container ?? '']));
}

function hostOf({ address }: Start): string {
  return new URL(address.runnerUrl).hostname;
}

/** Engines and Compose give containers names of their own as well; those have no dot. */
async function frontOf(start: Start, network: string, { engine }: ApplyContext): Promise<Front | null> {
  const found = Object.entries(await engine(start.node).listNames(network));
  const [container, names] = found.find(([, all]) => all.includes(hostOf(start))) ?? [];
  if (container === undefined || names === undefined) return null;
  return { container, names: [...new Set(names)].filter((name) => name.includes('.')).toSorted() };
}

function nameMissing(network: string, host: string): AutoGitError {
  return new AutoGitError({
    key: 'runner.stack-name-missing',
    message: `Nobody on the network ${network} is known as ${host}: jobs would not find GitLab.`,
    next: 'The proxy of the stack is down, or the stack has another name. Look at it with: autogit stack status',
    retry: true,
    fields: { network, host },
  });
}
