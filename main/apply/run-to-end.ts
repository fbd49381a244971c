// Runs a small container of ours to its end, and gives what it printed. Nothing of it stays.
import { AutoGitError } from '../errors.ts';
import type { ContainerFile, ContainerSpec, Engine, LabelledContainer } from '../ports.ts';
import { isOwn, nameTaken, signedLabels } from './context.ts';
import type { ApplyContext } from './context.ts';

/** Between looks at it. Milliseconds. */
const lookMs = 50;
/** Lines of its output that are read. */
const mostLines = 60;

export interface ShortRun
  extends
    Pick<ContainerSpec, 'name' | 'image' | 'entrypoint' | 'command' | 'memoryMiB'>,
    Partial<Pick<ContainerSpec, 'privileged' | 'env'>> {
  /** Put into it before its program starts; missing: none. */
  readonly files?: readonly ContainerFile[];
}

export interface RunGround {
  readonly engine: Engine;
  readonly node: string;
  readonly context: Pick<ApplyContext, 'clock' | 'instance' | 'secrets'>;
  readonly patienceMs: number;
}

export interface Ended {
  /** `null`: it did not end in time, or did not start. */
  readonly exitCode: number | null;
  readonly output: string;
  /** Why the engine did not start its program, in the engine's words; `null`: it did. */
  readonly refusal: string | null;
}

/** Without a network. Rejects with the errors of the engine, but for a program that it does not start. */
export async function runToEnd({ files = [], ...run }: ShortRun, ground: RunGround): Promise<Ended> {
  const { engine, node, context } = ground;
  await removeFormer(run.name, ground);
  const facts = { node, role: 'arch', pool: null, specHash: '' } as const;
  const id = await engine.createContainer({
    ...{ env: {}, ...run },
    ...{ labels: signedLabels(run.name, facts, context), network: 'none', aliases: [], publish: [] },
    ...{ volumes: {}, cpus: null, pids: 64, stopSignal: 'SIGKILL', capabilities: [] },
  });
  try {
    if (files.length > 0) await engine.putFiles(id, files);
    const refusal = await start(id, engine);
    if (refusal !== null) return { exitCode: null, output: '', refusal };
    const ended = await waitForEnd(id, ground);
    const output = await engine.containerLog(id, mostLines);
    return { exitCode: ended?.exitCode ?? null, output, refusal: null };
  } finally {
    await engine.removeContainer(id, { force: true });
  }
}

async function start(id: string, engine: Engine): Promise<string | null> {
  try {
    await engine.startContainer(id);
    return null;
  } catch (error) {
    if (error instanceof AutoGitError && error.key === 'engine.refused') return error.message;
    throw error;
  }
}

/** One that a kill has left. */
async function removeFormer(name: string, { engine, context }: RunGround): Promise<void> {
  const former = await engine.inspectContainer(name);
  if (former === null) return;
  if (!isOwn(former, context)) throw nameTaken('container', name);
  await engine.removeContainer(former.id, { force: true });
}

/** `null`: it has not ended. */
async function waitForEnd(
  id: string,
  { engine, context: { clock }, patienceMs }: RunGround,
): Promise<LabelledContainer | null> {
  const deadline = clock.monotonic() + patienceMs;
  while (clock.monotonic() < deadline) {
    const found = await engine.inspectContainer(id);
    if (found === null || found.state === 'exited' || found.state === 'dead') return found;
    await clock.sleep(lookMs);
  }
  return null;
}
