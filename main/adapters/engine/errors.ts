// What engines and sockets say when something goes wrong, as errors with a key.
import { AutoGitError, messageOf } from '../../errors.ts';
import { z } from 'zod';
import { handshakeError } from './tls.ts';

/** An answer of an engine with a status of 400 or more. */
export interface Refusal {
  readonly status: number;
  /** The engine's own words. */
  readonly words: string;
}

/** What a call was for: completes "The container engine refused to …". */
export type Purpose = string;

const errorBody = z.object({ message: z.string().min(1) });

/** The engine's words in the body of a refusal. */
export function parseRefusal(status: number, body: string): Refusal {
  try {
    const parsed = errorBody.safeParse(JSON.parse(body));
    if (parsed.success) return { status, words: parsed.data.message.trim() };
  } catch {
    // Not JSON: a proxy or something that is no engine answered, and its text is all there is.
  }
  return { status, words: body.trim().slice(0, 500) || `status ${String(status)} without a reason` };
}

/** The object is not there. */
export function isGone(refusal: Refusal): boolean {
  return refusal.status === 404;
}

/** A signal for a container that does not run, or is not there. Podman 4.3 answers 409 or 500. */
export function isNotRunning(refusal: Refusal): boolean {
  return (
    isGone(refusal) || /is not running|can only kill running|container state improper/i.test(refusal.words)
  );
}

/** The container is not there, or its removal has begun already. */
export function isGoneOrGoing(refusal: Refusal): boolean {
  return isGone(refusal) || /removal of container .* is already in progress/i.test(refusal.words);
}

/** A network of that name is there already. Docker says 409, Podman 4.3 says 409 or 500. */
export function isDuplicate(refusal: Refusal): boolean {
  return /already exists|already used/i.test(refusal.words);
}

const meanings = [
  {
    key: 'engine.no-space',
    words: /no space left|disk quota exceeded/i,
    next: "Free space on the disk that holds the engine's data; `docker system df` shows what takes it.",
  },
  {
    key: 'engine.tls',
    words: /http request to an https server/i,
    next: 'Set DOCKER_TLS_VERIFY=1 and DOCKER_CERT_PATH, or use a docker context that has the certificates.',
  },
  {
    key: 'engine.image-missing',
    words:
      /no such image|image not known|manifest unknown|manifest for .* not found|pull access denied|repository does not exist/i,
    next: 'Check the name of the image, and that its registry can be reached from this machine.',
  },
  {
    // Podman 4.3 answers 500 where Docker answers 409, so only the words can tell.
    key: 'engine.name-taken',
    words: /name .*is already in use/i,
    next: 'Remove the other container of that name, or let AutoGit choose another name.',
  },
  {
    key: 'engine.in-use',
    words:
      /is in use|being used|in use by|active endpoints|associated containers|using its referenced image/i,
    next: 'Remove the containers that use it first.',
    retry: true,
  },
] as const;

/** A refusal as an error: a known meaning, or `engine.refused` with the engine's words. */
export function refusalError(refusal: Refusal, purpose: Purpose): AutoGitError {
  const known = meanings.find((meaning) => meaning.words.test(refusal.words));
  return new AutoGitError({
    next: 'The words of the engine say what it did not like; its own log may say more.',
    key: 'engine.refused',
    ...known,
    message: `The container engine refused to ${purpose}: ${refusal.words}`,
    fields: { status: refusal.status },
  });
}

/** An answer that is not what engines answer. */
export function strangeAnswer(purpose: Purpose, cause: unknown): AutoGitError {
  return new AutoGitError({
    key: 'engine.refused',
    message: `The container engine was asked to ${purpose} and gave an answer that AutoGit does not understand${cause instanceof z.ZodError ? '' : `: ${messageOf(cause)}`}.`,
    next: 'Check that the address is that of Docker 20.10 or newer, or Podman 4.3 or newer.',
    cause,
  });
}

const codeOf = z.object({ code: z.string() });

function whyUnreachable(host: string, code: string | null, cause: unknown): string {
  switch (code) {
    case 'ENOENT':
      return `There is no container engine at ${host}: the socket does not exist.`;
    case 'ECONNREFUSED':
      return `There is no container engine at ${host}: nothing listens there.`;
    default:
      return `The connection to the container engine at ${host} failed: ${messageOf(cause)}.`;
  }
}

/** A failed connection as `engine.unreachable`, `engine.tls` or `engine.permission`. `host`: the address as it is to be shown. */
export function connectionError(host: string, cause: unknown): AutoGitError {
  if (cause instanceof AutoGitError) return cause;
  const parsed = codeOf.safeParse(cause);
  const code = parsed.success ? parsed.data.code : null;
  const handshake = handshakeError(host, code, cause);
  if (handshake !== null) return handshake;
  if (code === 'EACCES' || code === 'EPERM') {
    return new AutoGitError({
      key: 'engine.permission',
      message: `You may not use the container engine at ${host}.`,
      next: 'Add your user to the group of the socket (for Docker: `sudo usermod -aG docker $USER`, then log in again), or use a rootless engine.',
      fields: { host },
      cause,
    });
  }
  return new AutoGitError({
    key: 'engine.unreachable',
    message: whyUnreachable(host, code, cause),
    next: 'Start Docker or Podman, or use another engine: autogit engine list',
    fields: { host },
    retry: true,
    cause,
  });
}

/** The engine took a call and did not answer in time. */
export function silenceError(host: string, purpose: Purpose, seconds: number): AutoGitError {
  return new AutoGitError({
    key: 'engine.unreachable',
    message: `The container engine at ${host} does not answer: asked to ${purpose}, it was silent for ${String(seconds)} seconds.`,
    next: 'Look at the log of the engine and at the load of the machine; restart the engine if it stays silent.',
    fields: { host },
    retry: true,
  });
}
