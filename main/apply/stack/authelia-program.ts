// Authelia's own program in its container: second factors, and by which mark it knows a person.
import { parse } from 'yaml';
import { z } from 'zod';
import type { Compose, ComposeProject } from '../../stack-ports.ts';
import { stackError } from './context.ts';

export type Factor = 'totp' | 'passkey';

const service = 'authelia';
const config = '/config/configuration.yml';
/** Milliseconds. */
const deadlineMs = 30_000;

/** Every method rejects with `user.authelia-failed`, and with the errors of Compose. */
export interface AutheliaProgram {
  /** In place of the one they had: `otpauth://totp/…`, with its secret. */
  newTotp(name: string): Promise<string>;
  /** All of theirs. */
  endFactors(name: string): Promise<void>;
  factors(): Promise<ReadonlyMap<string, readonly Factor[]>>;
  /** The mark (`sub`) of everybody who has one. */
  subjects(): Promise<ReadonlyMap<string, string>>;
  /** Of somebody who has none yet. */
  addSubject(name: string): Promise<string>;
}

/** https://www.authelia.com/reference/cli/authelia/authelia_storage_user/ */
export function autheliaProgram(
  { compose, project }: { readonly compose: Pick<Compose, 'exec'>; readonly project: ComposeProject },
  signal?: AbortSignal,
): AutheliaProgram {
  const exec = (command: readonly string[]): Promise<Said> =>
    compose.exec(project, service, command, '', deadlineMs, signal);
  const storage = (verb: string, name?: string): Promise<Said> =>
    exec([
      ...['authelia', 'storage', 'user', ...verb.split(' '), '--config', config],
      // Somebody whom a person has written into the file may be called like an option.
      ...(name === undefined ? [] : ['--', name]),
    ]);
  return {
    newTotp: async (name) => {
      const { stdout } = good(await storage('totp generate --force', name));
      const uri = /'(otpauth:\/\/totp\/[^']+)'/.exec(stdout)?.[1];
      if (uri === undefined) throw failed('it does not say which one-time password it has made');
      return uri;
    },
    endFactors: async (name) => {
      const ended = await storage('totp delete', name);
      if (!ended.stderr.includes('no TOTP configuration')) good(ended);
      good(await storage('webauthn delete --all', name));
    },
    factors: async () => {
      const totp = good(await storage('totp export uri'));
      const keys = await storage('webauthn list');
      if (!keys.stderr.includes('no WebAuthn credentials')) good(keys);
      return factorsOf(totp.stdout, keys.stdout);
    },
    subjects: async () => {
      const said = await exec(['sh', '-c', exportScript, 'autogit', config]);
      if (said.stderr.includes('no data to export')) return new Map();
      return subjectsOf(good(said).stdout);
    },
    addSubject: async (name) => {
      const { stdout } = good(await storage('identifiers add', name));
      const subject = /Identifier: ([0-9a-f-]{36})/.exec(stdout)?.[1];
      if (subject === undefined) throw failed('it does not say by which mark it knows them');
      return subject;
    },
  };
}

/** The program writes only into a file that is not there yet; the container's `/tmp` is memory. */
const exportScript = `file=/tmp/autogit.$$
while [ -e "$file" ]; do file="$file+"; done
authelia storage user identifiers export --config "$1" --file "$file" >&2 && cat "$file"
code=$?
rm -f "$file"
exit $code`;

type Said = Awaited<ReturnType<Compose['exec']>>;

/** Its first words are the reason; how it is used comes after them. */
function good(said: Said): Said {
  if (said.code === 0) return said;
  const line = said.stderr.split('\n').find((one) => one.trim() !== '') ?? `exit code ${said.code}`;
  throw failed(line.replace(/^Error: /, '').slice(0, 300));
}

function failed(why: string): Error {
  return stackError(
    'user.authelia-failed',
    `Authelia's program could not do it: ${why}.`,
    'See whether Authelia runs: autogit stack status, and what it says: autogit stack logs authelia',
  );
}

/** `uris`: with their secrets, which end here. `keys`: a table whose last column is the person. */
function factorsOf(uris: string, keys: string): ReadonlyMap<string, readonly Factor[]> {
  const found = new Map<string, readonly Factor[]>();
  const add = (name: string, factor: Factor): void => {
    found.set(name, [...new Set([...(found.get(name) ?? []), factor])]);
  };
  for (const line of uris.split('\n')) {
    if (!line.startsWith('otpauth://') || !URL.canParse(line)) continue;
    const { pathname, searchParams } = new URL(line);
    const label = decodeURIComponent(pathname.replace(/^\/+(?:totp\/)?/, ''));
    const issuer = `${searchParams.get('issuer') ?? ''}:`;
    add(label.startsWith(issuer) ? label.slice(issuer.length) : label, 'totp');
  }
  for (const line of keys.split('\n')) {
    if (/^\d+\s/.test(line)) add(line.trimEnd().split(/ {4,}/).at(-1) ?? '', 'passkey');
  }
  return found;
}

const exportSchema = z.object({
  identifiers: z.array(
    z.object({
      service: z.string(),
      sector_id: z.string(),
      username: z.string(),
      identifier: z.string(),
    }),
  ),
});

/** GitLab is of no sector, so the mark that it is told is the one without. */
function subjectsOf(text: string): ReadonlyMap<string, string> {
  const { identifiers } = exportSchema.parse(parse(text));
  return new Map(
    identifiers
      .filter((one) => one.service === 'openid' && one.sector_id === '')
      .map(({ username, identifier }) => [username, identifier]),
  );
}
