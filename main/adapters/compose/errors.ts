// What can be wrong with Compose, and what it says when it fails, as errors with a key.
import { AutoGitError } from '../../errors.ts';
import type { ComposeProject } from '../../stack-ports.ts';
import { lastWords } from './parse.ts';
import type { ComposeVersion } from './parse.ts';

/** The oldest that the stack works with, and the oldest that tells its progress well. */
export const floor = { major: 2, minor: 24 } as const;
export const recommended = { major: 2, minor: 29 } as const;

const install =
  "Install Docker's Compose plugin (package docker-compose-plugin, docker-compose-v2 or docker-compose, by system), or set AUTOGIT_COMPOSE to the path of a Compose 2.24 or newer.";

/** `tried` says what was looked for and how that went. */
export function composeMissing(tried: string): AutoGitError {
  return new AutoGitError({
    key: 'compose.missing',
    message: `Docker Compose is not on this machine: ${tried}.`,
    next: install,
  });
}

/** https://docs.docker.com/compose/intro/history/ */
export function composeV1(program: string, version: string): AutoGitError {
  return new AutoGitError({
    key: 'compose.v1',
    message: `${program} is Compose ${version}, the old one in Python, which nobody maintains and current engines do not work with.`,
    next: install,
    fields: { program, version },
  });
}

export function composeOld(program: string, version: ComposeVersion): AutoGitError {
  return new AutoGitError({
    key: 'compose.old',
    message: `${program} is Compose ${version.text}; the stack needs ${floor.major}.${floor.minor} or newer.`,
    next: install,
    fields: { program, version: version.text },
  });
}

/** `deed` completes "Compose could not …". */
export function composeTimeout(deed: string, seconds: number, stderr: string): AutoGitError {
  const words = lastWords(stderr);
  return new AutoGitError({
    key: 'compose.timeout',
    message: `Compose could not ${deed} within ${seconds} seconds and was stopped${words === '' ? '' : `. It said: ${words}`}.`,
    next: 'Look at the load of the machine and at the log of the engine, then try again: what was done already stays.',
    fields: { seconds },
    retry: true,
  });
}

/** Its answer to a question is not what Compose answers. */
export function composeStrange(deed: string, what: string): AutoGitError {
  return new AutoGitError({
    key: 'compose.failed',
    message: `Compose was asked to ${deed} and gave an answer that AutoGit does not understand: ${what}.`,
    next: 'Update Compose, or set AUTOGIT_COMPOSE to the path of another one.',
  });
}

/** It does not accept the files of a project. */
export function composeInvalid(project: ComposeProject, stderr: string): AutoGitError {
  const words = lastWords(stderr) || 'it did not say why';
  return new AutoGitError({
    key: 'compose.invalid',
    message: `Compose does not accept ${project.folder}/compose.yaml: ${words}.`,
    next: 'If you changed the file, mend it or let AutoGit replace it; otherwise a template is wrong: the message names the place.',
    fields: { project: project.name },
  });
}

const meanings = [
  {
    key: 'compose.port-taken',
    words: /port is already allocated|address already in use|ports are not available|bind for .* failed/i,
    next: 'See who has it (`sudo ss -lptn`), and end that program or choose another port in the answers; then run it again.',
  },
  {
    key: 'engine.no-space',
    words: /no space left|disk quota exceeded/i,
    next: "Free space on the disk that holds the engine's data; `docker system df` shows what takes it.",
  },
  {
    key: 'engine.permission',
    words: /permission denied while trying to connect to the docker/i,
    next: 'Add your user to the group of the socket (for Docker: `sudo usermod -aG docker $USER`, then log in again), or use a rootless engine.',
  },
  {
    key: 'engine.unreachable',
    words: /cannot connect to the docker daemon|error during connect|failed to connect to the docker api/i,
    next: 'Start Docker or Podman, or use another engine: autogit engine list',
    retry: true,
  },
  {
    key: 'engine.image-missing',
    words: /no such image|pull access denied|manifest unknown|image not known/i,
    next: 'Run it again: what is missing is pulled first. If it goes on, check that this machine reaches the registry.',
  },
] as const;

/** It ended with an error: a known meaning, or `compose.failed`; its own last words are in the message. */
export function composeFailed(deed: string, why: string, stderr: string): AutoGitError {
  const words = lastWords(stderr) || why;
  const known = meanings.find((meaning) => meaning.words.test(words));
  return new AutoGitError({
    next: 'The words of Compose say what it did not like. Run it again when that is mended: what was done already stays.',
    key: 'compose.failed',
    ...known,
    message: `Compose could not ${deed}: ${words}`,
  });
}
