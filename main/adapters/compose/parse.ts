// Reads what Compose prints: its version, its containers, its progress, its last words. Pure.
import { z } from 'zod';
import type { StackContainer } from '../../model/stack/stack.ts';
import type { ComposeEvent } from '../../stack-ports.ts';

export interface ComposeVersion {
  /** `2.40.3` */
  readonly text: string;
  readonly major: number;
  readonly minor: number;
}

/** Of `2.40.3`, `v2.26.1-4`, `2.33.1-desktop.1`, or the long form; `null`: this says no version. */
export function parseVersion(text: string): ComposeVersion | null {
  const found = /(?:^|[\sv])(\d{1,4})\.(\d{1,4})(?:\.(\d{1,6}))?/.exec(text.trim());
  if (found === null) return null;
  const [, major = '', minor = '', patch = '0'] = found;
  return { text: `${major}.${minor}.${patch}`, major: Number(major), minor: Number(minor) };
}

export function isAtLeast(version: ComposeVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

const listed = z.object({
  ID: z.string().min(1),
  Name: z.string(),
  Service: z.string(),
  Image: z.string().default(''),
  State: z.string(),
  Health: z.string().nullish(),
  ExitCode: z.number().nullish(),
  Labels: z.string().nullish(),
});
type Listed = z.infer<typeof listed>;

/** Compose marks what `compose run` has made; no service of the stack runs there. */
const isOneOff = /(?:^|,)com\.docker\.compose\.oneoff=True(?:,|$)/;

/**
 * The answer to `ps --all --format json`: one array before 2.21, one object a line since. Throws what zod and JSON throw.
 * https://docs.docker.com/reference/cli/docker/compose/ps/
 */
export function parseContainers(text: string): readonly StackContainer[] {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const documents = lines.flatMap((line): readonly unknown[] => {
    const parsed: unknown = JSON.parse(line);
    return Array.isArray(parsed) ? parsed : parsed === null ? [] : [parsed];
  });
  return z
    .array(listed)
    .parse(documents)
    .filter(({ Labels }) => !isOneOff.test(Labels ?? ''))
    .map(containerOf);
}

function containerOf({ ID, Name, Service, Image, State, Health, ExitCode }: Listed): StackContainer {
  const state = stateOf(State);
  const hasEnded = state === 'exited' || state === 'dead';
  return {
    ...{ id: ID, name: Name, service: Service, image: Image, state, health: healthOf(Health) },
    exitCode: hasEnded ? (ExitCode ?? null) : null,
    // Compose tells neither: whoever has to know asks the engine.
    startedAt: null,
    restarts: null,
  };
}

const states = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead'] as const;
/** Podman has words of its own: https://docs.podman.io/en/latest/markdown/podman-ps.1.html */
const otherStates: Readonly<Record<string, StackContainer['state']>> = {
  configured: 'created',
  initialized: 'created',
  stopping: 'running',
  stopped: 'exited',
  unknown: 'dead',
};

function stateOf(word: string): StackContainer['state'] {
  const small = word.toLowerCase();
  const state = states.find((one) => one === small) ?? otherStates[small];
  if (state === undefined) throw new Error(`a container is ${JSON.stringify(word.slice(0, 40))}`);
  return state;
}

function healthOf(word: string | null | undefined): StackContainer['health'] {
  return word === 'starting' || word === 'healthy' || word === 'unhealthy' ? word : 'none';
}

const progressLine = z.object({
  id: z.string().optional(),
  text: z.string().optional(),
  status: z.string().optional(),
  error: z.boolean().optional(),
  message: z.string().optional(),
  /** Of its log, which is JSON, too. */
  level: z.string().optional(),
  msg: z.string().optional(),
});

/** ` Container autogit-lab-gitlab-1  Started `, as versions before 2.29 print it. */
const plainLine =
  /^\s*((?:Container|Network|Volume|Image|Service|Config|Secret) \S+)\s+([A-Z][a-z]+(?:\s\S.*?)?)\s*$/;

/** One line of its progress, in either form; `null`: it says something else. */
export function parseEvent(line: string): ComposeEvent | null {
  const json = parseJson(line);
  if (json !== null) {
    const { id = '', text = '', status = '' } = json;
    const words = status || text;
    return id === '' || words === '' ? null : { id, text: words };
  }
  const [, id, text] = plainLine.exec(line) ?? [];
  return id === undefined || text === undefined ? null : { id, text };
}

function parseJson(line: string): z.infer<typeof progressLine> | null {
  if (!line.startsWith('{')) return null;
  try {
    return progressLine.safeParse(JSON.parse(line)).data ?? null;
  } catch {
    return null;
  }
}

const cleared = /^(?:\u001b\[2K)+/gm;

/**
 * What services have printed, without the clearing of a terminal's line that some versions put before each line,
 * whatever they are told of colours. https://github.com/docker/compose/blob/v2.26.1/cmd/formatter/logs.go#L113
 */
export function plainLogs(text: string): string {
  return text.replaceAll(cleared, '');
}

const colours = /\u001b\[[0-9;]*[A-Za-z]/g;
const logLine = /^time="[^"]*" level=(\w+) msg=(.*)$/;
/** Characters of what Compose said that are shown. */
const mostWords = 600;
/** Lines that may belong to one error. */
const mostLines = 4;

/** What of its standard error says why it failed: the end, without progress and warnings; '' where it said nothing. */
export function lastWords(stderr: string): string {
  const lines = stderr
    .replaceAll(colours, '')
    .split('\n')
    .map((line) => line.trimEnd());
  const told = lines.findLast((line) => parseJson(line)?.error === true);
  const message = told === undefined ? undefined : parseJson(told)?.message;
  if (message !== undefined) return shorten(message);
  return shorten(lines.flatMap(wordsOf).slice(-mostLines).join('; '));
}

/** The words of a line that may tell of an error. */
function wordsOf(line: string): readonly string[] {
  const json = parseJson(line);
  if (json !== null) {
    const { level = '', msg = '', message = '' } = json;
    const words = isGrave(level) ? msg : message;
    return words === '' ? [] : [words];
  }
  const [, level, logged = ''] = logLine.exec(line) ?? [];
  if (level !== undefined) return isGrave(level) ? [unquote(logged)] : [];
  return line.trim() === '' || parseEvent(line) !== null ? [] : [line.trim()];
}

function isGrave(level: string): boolean {
  return level === 'error' || level === 'fatal';
}

function unquote(text: string): string {
  try {
    const parsed: unknown = JSON.parse(text);
    return typeof parsed === 'string' ? parsed : text;
  } catch {
    return text;
  }
}

/** The end says why, the beginning says of what. */
function shorten(text: string): string {
  if (text.length <= mostWords) return text;
  return `${text.slice(0, mostWords / 2)} … ${text.slice(-mostWords / 2)}`;
}
