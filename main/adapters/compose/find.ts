// Finds Compose on this machine: the one that is named, docker's plugin, or a program of its own; never the old one in Python.
import path from 'node:path';
import { composeMissing, composeV1, floor } from './errors.ts';
import { isAtLeast, parseVersion } from './parse.ts';
import type { ComposeVersion } from './parse.ts';
import type { RunProgram } from './run.ts';

/** Compose as it is called here. */
export interface FoundCompose {
  readonly program: string;
  /** Before every argument: `compose` for docker's plugin. */
  readonly prefix: readonly string[];
  readonly version: ComposeVersion;
}

export interface FindOptions {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly run: RunProgram;
}

/** A cold start of a busy machine reads tens of megabytes of program. Milliseconds. */
const deadlineMs = 30_000;

type Place = Pick<FoundCompose, 'program' | 'prefix'>;

/** Resolves with one below the floor where there is no better. Rejects with `compose.missing`, `compose.v1`. */
export async function findCompose(options: FindOptions): Promise<FoundCompose> {
  const places = placesIn(options.environment);
  const looks = [];
  for (const place of places) {
    const look = await lookAt(place, options);
    if ('version' in look && isAtLeast(look.version, floor.major, floor.minor)) return look;
    looks.push(look);
  }
  const found = looks.filter((look) => 'version' in look);
  const usable = found.find(({ version }) => version.major >= 2);
  if (usable !== undefined) return usable;
  const old = found[0];
  if (old !== undefined) throw composeV1(old.program, old.version.text);
  throw composeMissing(looks.flatMap((look) => ('why' in look ? [look.why] : [])).join('; '));
}

/** Best first. `AUTOGIT_COMPOSE` names the only one; a `docker` there is meant with its plugin. */
function placesIn({
  AUTOGIT_COMPOSE: named,
}: Readonly<Record<string, string | undefined>>): readonly Place[] {
  const docker = { program: 'docker', prefix: ['compose'] };
  if (!named) return [docker, { program: 'docker-compose', prefix: [] }];
  const program = /[/\\]/.test(named) ? path.resolve(named) : named;
  const isDocker = /^(?:docker|podman)(?:\.exe)?$/i.test(path.basename(program));
  return [{ program, prefix: isDocker ? docker.prefix : [] }];
}

async function lookAt(
  place: Place,
  { environment, folder, run }: FindOptions,
): Promise<FoundCompose | { readonly why: string }> {
  const name = [place.program, ...place.prefix].join(' ');
  const end = await run({
    program: place.program,
    args: [...place.prefix, 'version', '--short'],
    ...{ environment, folder, input: '', deadlineMs, signal: null, mostBytes: 65_536 },
  });
  switch (end.outcome) {
    case 'missing':
      return { why: `there is no ${place.program}` };
    case 'timeout':
      return { why: `${name} does not answer` };
    case 'failed':
      return { why: `${name} cannot be run (${end.why})` };
    case 'cancelled':
      return { why: `${name} was not asked` };
    case 'ended': {
      const version = end.code === 0 ? parseVersion(end.stdout) : null;
      return version === null ? { why: `${name} is no Compose` } : { ...place, version };
    }
  }
}
