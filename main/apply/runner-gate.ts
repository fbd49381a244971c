// The gate: a runner that is kept ready is a shell that waits for a signal and then becomes the runner.
import type { Clock, ContainerSpec, Engine } from '../ports.ts';

/** What a gate prints as soon as it hears signals. */
const readyWord = 'autogit: ready';

/**
 * The go. Whatever else hears it is not harmed: without a handler a process that is not stopped ignores it, and neither
 * the official runner nor the sandbox's has one. So it may be given twice.
 */
export const goSignal = 'SIGCONT';

/**
 * Holds for the shells of Debian, Alpine and Fedora (dash, busybox, bash). The shell stays process 1 and becomes the
 * runner, whose parent, signals and exit code are as without it; what it slept on is gone by then.
 */
const script = `trap 'kill -9 $! 2>/dev/null; exit 0' QUIT TERM INT
trap 'kill -9 $! 2>/dev/null; wait 2>/dev/null; exec "$@"' CONT
echo '${readyWord}'
while :; do sleep 2147483647 & wait $!; done`;

type Program = Pick<ContainerSpec, 'entrypoint' | 'command'>;

/** The gate before a program. */
export function gateBefore(program: Program): Program {
  return {
    entrypoint: ['sh', '-c', script, 'autogit-gate'],
    command: [...program.entrypoint, ...program.command],
  };
}

/** The same container, with the gate before its program. */
export function withGate(spec: ContainerSpec): ContainerSpec {
  return { ...spec, ...gateBefore(spec) };
}

/** Milliseconds between two looks, and how many of them: where an engine keeps no log, the gate has stood long by then. */
const lookMs = 50;
const looks = 100;

/** Waits until the gate hears signals: process 1 loses those that come before. */
export function untilGateStands(engine: Logs, container: string, clock: Sleeper): Promise<void> {
  return untilSaid(engine, container, clock, (log) => log.includes(readyWord));
}

/** The same where there may be no gate, or none any more: then the runner says something of its own. */
export function untilHeard(engine: Logs, container: string, clock: Sleeper): Promise<void> {
  return untilSaid(engine, container, clock, (log) => log.trim() !== '');
}

type Logs = Pick<Engine, 'containerLog'>;
type Sleeper = Pick<Clock, 'sleep'>;

async function untilSaid(
  engine: Logs,
  container: string,
  clock: Sleeper,
  isEnough: (log: string) => boolean,
): Promise<void> {
  for (let look = 0; look < looks; look += 1) {
    const log = await engine.containerLog(container, 1).catch(() => '');
    if (isEnough(log)) return;
    await clock.sleep(lookMs);
  }
}
