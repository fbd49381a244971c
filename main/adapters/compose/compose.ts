// The Compose port on the Compose plugin: a program for every call, whose words are read.
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { AutoGitError, messageOf } from '../../errors.ts';
import type { Log } from '../../log.ts';
import type { StackContainer } from '../../model/stack/stack.ts';
import type { Compose, ComposeProject } from '../../stack-ports.ts';
import {
  composeFailed,
  composeInvalid,
  composeOld,
  composeStrange,
  composeTimeout,
  floor,
  recommended,
} from './errors.ts';
import { findCompose } from './find.ts';
import type { FoundCompose } from './find.ts';
import { isAtLeast, parseContainers, parseEvent, plainLogs } from './parse.ts';
import { runProgram } from './run.ts';
import type { ProgramCall, ProgramEnd, RunProgram } from './run.ts';

export interface ComposeOptions {
  /** As in `process.env`: where programs are found, and whose registries are known. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly log: Log;
  readonly run?: RunProgram;
  /** What the engine at an address knows of containers and Compose does not tell, by id; missing: nobody tells it. */
  readonly times?: (
    engine: string,
    ids: readonly string[],
  ) => Promise<ReadonlyMap<string, Pick<StackContainer, 'startedAt' | 'restarts'>>>;
}

/** Milliseconds. Containers may wait for others to be healthy, and have a minute and more to end. */
const deadlines = { ask: 60_000, up: 30 * 60_000, end: 15 * 60_000 } as const;
/** Kept of each output. Bytes. */
const mostBytes = 4 * 1024 * 1024;

/** What a call is: its words, and what it may differ in from an ordinary question. */
interface Asked {
  /** Completes "Compose could not …". */
  readonly deed: string;
  readonly args: readonly string[];
  readonly deadlineMs: number | null;
  readonly input?: string;
  readonly signal?: AbortSignal;
  /** Tell its progress, as JSON where it can. */
  readonly tells?: boolean;
  readonly onLine?: NonNullable<ProgramCall['onLine']>;
}

type Ended = Extract<ProgramEnd, { readonly outcome: 'ended' }>;

/** Compose on this machine; it is looked for when it is first needed, and again after it was gone. */
export function createCompose({ environment, log, run = runProgram, times }: ComposeOptions): Compose {
  // A folder without any compose.yaml above it: Compose would take that for the project's.
  const folder = path.parse(process.cwd()).root;
  let found: Promise<FoundCompose> | null = null;
  const forget = (): void => {
    found = null;
  };
  const find = (): Promise<FoundCompose> => {
    found ??= findCompose({ environment, folder, run }).catch((error: unknown) => {
      forget();
      throw error;
    });
    return found;
  };

  const call = async (project: ComposeProject, asked: Asked): Promise<Ended> => {
    const { program, prefix, version } = await find();
    if (!isAtLeast(version, floor.major, floor.minor)) {
      // Somebody may update it while the core runs.
      forget();
      throw composeOld(program, version);
    }
    const { deed, deadlineMs, signal, input = '', tells = false, onLine } = asked;
    const progress = tells && isAtLeast(version, recommended.major, recommended.minor) ? 'json' : 'plain';
    const args = [...prefix, '--ansi', 'never', '--progress', progress, '-p', project.name, ...asked.args];
    const startedAt = performance.now();
    const end = await run({
      ...{ program, args, folder, input, deadlineMs, signal: signal ?? null, mostBytes },
      environment: environmentFor(environment, project.engine),
      ...(onLine === undefined ? {} : { onLine }),
    });
    const milliseconds = Math.round(performance.now() - startedAt);
    log.debug(`compose ${asked.args.join(' ')}`, {
      project: project.name,
      outcome: end.outcome,
      milliseconds,
    });
    switch (end.outcome) {
      case 'ended':
        return end;
      case 'missing':
        forget();
        throw composeFailed(deed, `${program} is no longer there`, '');
      case 'timeout':
        throw composeTimeout(deed, Math.round((deadlineMs ?? 0) / 1000), end.stderr);
      case 'cancelled':
        signal?.throwIfAborted();
        throw composeFailed(deed, 'it was cancelled', '');
      case 'failed':
        throw composeFailed(deed, end.why, end.stderr);
    }
  };

  const succeed = async (project: ComposeProject, asked: Asked): Promise<Ended> => {
    const end = await call(project, asked);
    if (end.code !== 0) throw composeFailed(asked.deed, `it ended with ${end.code}`, end.stderr);
    return end;
  };

  return { version: async () => (await find()).version.text, ...callsOf(call, succeed, times) };
}

type Call = (project: ComposeProject, asked: Asked) => Promise<Ended>;

function callsOf(call: Call, succeed: Call, times: ComposeOptions['times']): Omit<Compose, 'version'> {
  return {
    ...changing(call, succeed),
    async containers(project) {
      const deed = `list the containers of ${project.name}`;
      const args = ['ps', '--all', '--no-trunc', '--format', 'json'];
      const { stdout } = await succeed(project, { deed, args, deadlineMs: deadlines.ask });
      const listed = readContainers(stdout, deed);
      const told = await times?.(
        project.engine,
        listed.map(({ id }) => id),
      );
      return listed.map((container) => ({ ...container, ...told?.get(container.id) }));
    },
    async logs(project, services, lines) {
      const args = ['logs', ...logOptions(services, lines)];
      const asked = { deed: `read the logs of ${project.name}`, args, deadlineMs: deadlines.ask };
      return plainLogs((await succeed(project, asked)).stdout);
    },
    async follow(project, services, onLine, signal, lines = 0) {
      if (signal.aborted) return;
      const args = ['logs', '--follow', ...logOptions(services, lines)];
      const asked = { deed: `follow the logs of ${project.name}`, args, deadlineMs: null, signal };
      const told = succeed(project, {
        ...asked,
        onLine: (line, from) => {
          if (from === 'stdout') onLine(plainLogs(line));
        },
      });
      await told.catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    },
  };
}

function readContainers(text: string, deed: string): readonly StackContainer[] {
  try {
    return parseContainers(text);
  } catch (error) {
    throw composeStrange(deed, messageOf(error).slice(0, 200));
  }
}

/** What changes something, and `check`, which is asked before. */
function changing(call: Call, succeed: Call): Pick<Compose, 'check' | 'up' | 'down' | 'restart' | 'exec'> {
  return {
    async check(project) {
      const args = [...fileOf(project), 'config', '--quiet'];
      const end = await call(project, { deed: 'read compose.yaml', args, deadlineMs: deadlines.ask });
      if (end.code !== 0) throw composeInvalid(project, end.stderr);
    },
    async up(project, onEvent, signal, changed = null) {
      // Never `--yes`: the one question there is whether a volume is made anew, and "data will be lost".
      // https://github.com/docker/compose/blob/v2.40.3/pkg/compose/create.go#L1568
      const up = [...fileOf(project), 'up', '--detach', '--no-build', '--pull', 'never'];
      const asked: Omit<Asked, 'args'> = {
        ...{ deed: `start ${project.name}`, deadlineMs: deadlines.up, signal, tells: true },
        onLine: (line, from) => {
          const event = from === 'stderr' ? parseEvent(line) : null;
          if (event !== null) onEvent(event);
        },
      };
      const rounds =
        changed === null
          ? [['--remove-orphans']]
          : [
              ...(changed.length === 0 ? [] : [['--no-deps', ...changed]]),
              ['--no-recreate', '--remove-orphans'],
            ];
      for (const more of rounds)
        await afterOthers(() => succeed(project, { ...asked, args: [...up, ...more] }), signal);
    },
    async down(project, { volumes }, signal) {
      // Without the file: what is there carries labels, and a file that is gone or broken holds up nobody.
      const args = ['down', '--remove-orphans', ...(volumes ? ['--volumes'] : [])];
      const deed = `take down ${project.name}`;
      const end = await call(project, { ...until(signal), deed, args, deadlineMs: deadlines.end });
      if (end.code === 0 || (!volumes && isHeldNetwork.test(end.stderr))) return;
      throw composeFailed(deed, `it ended with ${end.code}`, end.stderr);
    },
    async restart(project, services, signal) {
      const args = ['restart', ...services];
      await succeed(project, {
        ...until(signal),
        deed: `restart ${project.name}`,
        args,
        deadlineMs: deadlines.end,
      });
    },
    async exec(project, service, command, input, deadlineMs, signal) {
      const deed = `run ${command[0] ?? 'nothing'} in ${service}`;
      const args = ['exec', '-T', service, ...command];
      const { code, stdout, stderr } = await call(project, {
        ...until(signal),
        deed,
        args,
        deadlineMs,
        input,
      });
      if (code !== 0 && isOfCompose.test(stderr.trim())) throw composeFailed(deed, '', stderr);
      return { code, stdout, stderr };
    },
  };
}

/** Who stops waiting ends Compose with it. */
function until(signal: AbortSignal | undefined): Pick<Asked, 'signal'> {
  return signal === undefined ? {} : { signal };
}

/**
 * Podman's words for a network that another container is on, a runner that has ended, say. The containers are gone by then; on
 * Docker such a network stays with a warning. https://github.com/containers/podman/issues/17990
 */
const isHeldNetwork = /failed to remove network .*network is being used/i;

/** Of another Compose that makes or removes the same containers at this moment. */
const ofAnother =
  /container name .* is already in use|removal of container .* is already in progress|no such container/i;
const othersTries = 4;
const othersPauseMs = 3_000;

/** The Compose of a core that was killed goes on until it next says something: it is waited for. */
async function afterOthers(work: () => Promise<unknown>, signal: AbortSignal): Promise<void> {
  for (let left = othersTries - 1; ; left -= 1) {
    try {
      await work();
      return;
    } catch (error) {
      if (left === 0 || !(error instanceof AutoGitError) || !ofAnother.test(error.message)) throw error;
      await setTimeout(othersPauseMs, undefined, { signal }).catch(() => signal.throwIfAborted());
    }
  }
}

/** Compose's and the engine's own words, in place of the program's, which never ran. */
const isOfCompose =
  /^(?:service "[^"\n]*" is not running|no such service: .*|Error response from daemon: .*|Cannot connect to the Docker daemon.*|permission denied while trying to connect.*)[^\n]*$/;

/** Only where files count: everything else goes by what the engine has under the project's name. */
function fileOf({ folder }: ComposeProject): readonly string[] {
  return ['--project-directory', folder, '-f', path.join(folder, 'compose.yaml')];
}

/** One service's lines come as it printed them; of several, each says whose it is. */
function logOptions(services: readonly string[], lines: number): readonly string[] {
  const prefix = services.length === 1 ? ['--no-log-prefix'] : [];
  return ['--no-color', ...prefix, '--tail', String(Math.max(0, Math.round(lines))), ...services];
}

/** What a person's environment says of other projects and engines does not count here. */
const notOurs =
  /^(?:COMPOSE_.*|DOCKER_HOST|DOCKER_CONTEXT|DOCKER_DEFAULT_PLATFORM|DOCKER_TLS|DOCKER_TLS_VERIFY|DOCKER_CERT_PATH)$/i;
const certificates = /^DOCKER_(?:TLS|TLS_VERIFY|CERT_PATH)$/i;

function environmentFor(
  environment: ComposeOptions['environment'],
  engine: string,
): Readonly<Record<string, string | undefined>> {
  const isRemote = /^(?:tcp|https?):/.test(engine);
  const kept = Object.entries(environment).filter(
    ([name]) => !notOurs.test(name) || (isRemote && certificates.test(name)),
  );
  // docker's advice for people would stand between the answers.
  return { ...Object.fromEntries(kept), DOCKER_HOST: engine, DOCKER_CLI_HINTS: 'false' };
}
