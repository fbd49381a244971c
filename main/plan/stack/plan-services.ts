// What becomes of each service's container, why, and for how long it is away.
import type {
  FileChange,
  RenderedService,
  RenderedStack,
  ServiceChange,
  StackContainer,
  StackPresent,
} from '../../model/stack/stack.ts';
import { own } from './plan-files.ts';

/** Seconds from a container's start until the service answers, about. GitLab's Rails is what takes minutes. */
const startSeconds: Readonly<Record<string, number>> = { gitlab: 180, authelia: 10, traefik: 5, coredns: 3 };
const usualSeconds = 10;

function secondsOf({ template }: Pick<RenderedService, 'template'>): number {
  return own(startSeconds, template) ?? usualSeconds;
}

type Told = Pick<ServiceChange, 'change' | 'why' | 'awaySeconds'>;

const running: readonly StackContainer['state'][] = ['running', 'restarting'];
const isRunning = ({ state }: StackContainer): boolean => running.includes(state);

/** Of several containers of one service the one that counts: one that runs. */
function containerOf(service: string, containers: readonly StackContainer[]): StackContainer | undefined {
  const all = containers.filter(
    (container) => container.service === service && container.state !== 'removing',
  );
  return all.find(isRunning) ?? all[0];
}

function endedWords({ state, exitCode }: StackContainer): string {
  switch (state) {
    case 'exited':
    case 'dead':
      return `its container has ended${exitCode === null ? '' : ` with exit code ${exitCode}`}`;
    case 'created':
      return 'its container was never started';
    case 'paused':
      return 'its container is paused';
    case 'running':
    case 'restarting':
    case 'removing':
      return 'its container does not run';
  }
}

function whyRecreate(
  service: RenderedService,
  container: StackContainer,
  started: string | undefined,
  changed: readonly string[],
): string {
  if (started === undefined) return 'nobody knows what its container was started with';
  const parts = [
    ...(container.image === service.image || container.image.startsWith('sha256:')
      ? []
      : [`its image is another: ${container.image} becomes ${service.image}`]),
    ...(changed.length === 0 ? [] : [`${changed.join(', ')} ${changed.length === 1 ? 'changes' : 'change'}`]),
  ];
  return parts.length === 0 ? 'its part of compose.yaml changes' : parts.join('; ');
}

function planService(
  service: RenderedService,
  containers: readonly StackContainer[],
  { started, restarts = {} }: Pick<StackPresent, 'started' | 'restarts'>,
  changedFiles: ReadonlySet<string>,
): Told {
  const container = containerOf(service.name, containers);
  const known = own(started, service.name);
  const seconds = secondsOf(service);
  if (container === undefined) {
    const why = known === undefined ? 'it is new' : 'its container is gone';
    return { change: 'create', why, awaySeconds: known === undefined ? 0 : seconds };
  }
  const changed = service.files.filter((path) => changedFiles.has(path));
  if (known !== service.hash)
    return {
      change: 'recreate',
      why: whyRecreate(service, container, known, changed),
      awaySeconds: seconds,
    };
  if (!isRunning(container)) return { change: 'start', why: endedWords(container), awaySeconds: seconds };
  if (changed.length > 0)
    return {
      change: 'restart',
      why: `it reads ${changed.join(', ')}, which ${changed.length === 1 ? 'is' : 'are'} written anew`,
      awaySeconds: seconds,
    };
  const why = own(restarts, service.name);
  return why === undefined
    ? { change: 'none', why: '', awaySeconds: 0 }
    : { change: 'restart', why, awaySeconds: seconds };
}

/** Services that are there and should not be. Nothing is planned for containers that nobody could list. */
function planLeft(stack: Pick<RenderedStack, 'services'>, present: StackPresent): readonly ServiceChange[] {
  const wanted = new Set(stack.services.map(({ name }) => name));
  const names = (containers: readonly StackContainer[] | null): readonly string[] => [
    ...new Set((containers ?? []).map(({ service }) => service)),
  ];
  const gone = names(present.containers).filter((name) => !wanted.has(name));
  const { former } = present;
  return [
    ...gone.map((service): ServiceChange => ({
      ...{ service, change: 'remove', awaySeconds: 0 },
      why: 'the answers do not ask for it any more; its data stays',
    })),
    ...(former === undefined ? [] : names(former.containers)).map((name): ServiceChange => ({
      ...{ service: `${former?.project ?? ''}/${name}`, change: 'remove', awaySeconds: 0 },
      why: 'the lab has another name now; its data stays',
    })),
  ];
}

/** One change for each service, in the stack's order, then those that are removed. */
export function planServices(
  stack: Pick<RenderedStack, 'services'>,
  present: StackPresent,
  files: readonly FileChange[],
): readonly ServiceChange[] {
  const changed = new Set(files.filter(({ change }) => change !== 'same').map(({ path }) => path));
  const { containers } = present;
  const wanted = stack.services.map((service): ServiceChange => {
    if (containers !== null)
      return { service: service.name, ...planService(service, containers, present, changed) };
    const why = 'the engine does not answer, so nobody knows whether it runs';
    return { service: service.name, change: 'none', why, awaySeconds: 0 };
  });
  return [...wanted, ...planLeft(stack, present)];
}
