// A port that something else has, also when it took it between the look and the start.
import { AutoGitError } from '../../errors.ts';
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { StepContext, TakenPort } from './context.ts';

/** What the person does about it. */
export function portTaken({ port, protocol, holder }: TakenPort, stack: RenderedStack): AutoGitError {
  const own = stack.ports.find((one) => one.port === port);
  const use = own === undefined ? '' : `, which the stack needs for ${own.what}`;
  return new AutoGitError({
    key: 'stack.port-taken',
    message: `Port ${port}/${protocol} of this machine${use}, is held by ${holder ?? 'something that could not be found out'}.`,
    next: 'End what holds it, or choose another port in the answers (ports); then the next `autogit stack up` goes on.',
    fields: { port, protocol, holder: holder ?? '' },
  });
}

const portWords =
  /port is already allocated|address already in use|ports are not available|bind for \S+ failed|rootlessport cannot expose/i;

/** `Bind for 0.0.0.0:443 failed`, `listen tcp4 192.168.1.10:53: bind: address already in use`. */
const portForms = [
  /bind for \S*?:(\d{1,5}) failed/i,
  /listen (?:tcp|udp)[46]? \S*?:(\d{1,5}): /i,
  /exposing port (?:TCP|UDP) \S*?:(\d{1,5}) /i,
  /:(\d{1,5})\b(?=[^:]*(?:already allocated|already in use))/i,
];

/** The error as it is told, when a port stood in the way of Compose; any other as it is. */
export async function explainStart(error: unknown, context: StepContext): Promise<unknown> {
  if (!(error instanceof AutoGitError)) return error;
  if (
    error.key !== 'compose.port-taken' &&
    (error.key !== 'compose.failed' || !portWords.test(error.message))
  )
    return error;
  const { stack } = context;
  const told = portForms.map((form) => form.exec(error.message)?.[1]).find((port) => port !== undefined);
  const taken = await context.takenPorts(stack).catch((): readonly TakenPort[] => []);
  const known = taken.find(({ port }) => told === undefined || port === Number(told));
  if (known !== undefined) return portTaken(known, stack);
  if (told === undefined) return error;
  const port = Number(told);
  const protocol = stack.ports.find((one) => one.port === port)?.protocol ?? 'tcp';
  return portTaken({ port, protocol, holder: null }, stack);
}
