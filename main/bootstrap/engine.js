// Finds a container engine: every address where one may listen, and which of them answers.
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';

/**
 * Where an engine may listen, and who says so.
 * @typedef {object} Address
 * @property {string} url unix:///…, npipe:////./pipe/…, tcp://host:port or ssh://…
 * @property {string} via shown to the person: DOCKER_HOST, the name of a context, or empty for a usual place
 */

/**
 * What one address answered.
 * @typedef {{ state: 'reachable', name: string } | { state: 'denied' | 'silent' | 'unsupported', reason: string }} Answer
 */

/**
 * What is known of engines here. `chosen` is an address that the person named and that does not answer: no other one
 * is taken in its place.
 * @typedef {(
 *   | { state: 'reachable', address: Address, name: string, others: readonly string[] }
 *   | { state: 'denied', address: Address }
 *   | { state: 'chosen', address: Address, reason: string }
 *   | { state: 'absent', dockerd: boolean, podman: boolean }
 * )} EngineFound
 */

/** How long an engine may take to answer a ping; one that starts by socket activation needs about a second. */
const pingMs = 3000;

/**
 * The address that the current docker context names, or null for the default one. A context's metadata lies in a folder
 * named by the SHA-256 of its name (https://github.com/docker/cli/blob/master/cli/context/store/metadatastore.go).
 * @param {NodeJS.ProcessEnv} env
 * @param {string} home
 * @returns {Address | null}
 */
export function readDockerContext(env, home) {
  const folder = env['DOCKER_CONFIG'] || join(home, '.docker');
  try {
    const name = env['DOCKER_CONTEXT'] || pick(readJson(join(folder, 'config.json')), 'currentContext');
    if (typeof name !== 'string' || name === '' || name === 'default') return null;
    const hash = createHash('sha256').update(name).digest('hex');
    const meta = readJson(join(folder, 'contexts', 'meta', hash, 'meta.json'));
    const url = pick(meta, 'Endpoints', 'docker', 'Host');
    return typeof url === 'string' ? { url, via: `docker context ${name}` } : null;
  } catch {
    return null;
  }
}

/**
 * @param {string} path
 * @returns {unknown}
 */
function readJson(path) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/**
 * What lies under some keys, or undefined.
 * @param {unknown} value
 * @param {string[]} keys
 * @returns {unknown}
 */
function pick(value, ...keys) {
  for (const key of keys) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = /** @type {Record<string, unknown>} */ (value)[key];
  }
  return value;
}

/**
 * Every address worth asking, the preferred one first: what the person chose, then engines of the person's own, then
 * those of the machine.
 * @param {NodeJS.ProcessEnv} env
 * @param {{ platform: string, home: string, uid: number }} user
 * @returns {Address[]}
 */
export function listAddresses(env, user) {
  const chosen = env['DOCKER_HOST'];
  if (chosen) return [{ url: chosen, via: 'DOCKER_HOST' }];
  const context = readDockerContext(env, user.home);
  const runtime = env['XDG_RUNTIME_DIR'] || `/run/user/${user.uid}`;
  const usual =
    user.platform === 'win32'
      ? ['npipe:////./pipe/docker_engine']
      : [
          ...(user.platform === 'darwin' ? [`unix://${user.home}/.docker/run/docker.sock`] : []),
          `unix://${runtime}/docker.sock`,
          `unix://${runtime}/podman/podman.sock`,
          'unix:///var/run/docker.sock',
          'unix:///run/podman/podman.sock',
        ];
  const all = [...(context ? [context] : []), ...usual.map((url) => ({ url, via: '' }))];
  return all.filter((address, at) => all.findIndex((other) => other.url === address.url) === at);
}

/**
 * How Node reaches an address, or null where this version of AutoGit cannot: SSH, and TLS.
 * @param {string} url a path alone is a socket
 * @param {NodeJS.ProcessEnv} env
 * @returns {import('node:http').RequestOptions | null}
 */
function openAddress(url, env) {
  const local = /^(?:(?:unix|npipe):\/\/)?(\/.+)$/.exec(url);
  if (local?.[1]) return { socketPath: local[1] };
  const address = url.replace(/^tcp:/, 'http:');
  if (!/^http:\/\//.test(address) || !URL.canParse(address) || env['DOCKER_TLS_VERIFY']) return null;
  const { hostname, port } = new URL(address);
  return { host: hostname, port: port || 2375 };
}

/**
 * Asks an address whether an engine answers there: `GET /_ping` needs no rights and no API version.
 * @param {string} url
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<Answer>}
 */
export function pingEngine(url, env) {
  const options = openAddress(url, env);
  if (!options) {
    return Promise.resolve({
      state: 'unsupported',
      reason: 'AutoGit reaches engines by unix:// and plain tcp:// only',
    });
  }
  return new Promise((resolve) => {
    const call = request({ ...options, path: '/_ping', timeout: pingMs, agent: false }, (response) => {
      response.resume();
      const engine = response.headers['api-version'] !== undefined;
      if (response.statusCode === 200 && engine) {
        resolve({ state: 'reachable', name: nameEngine(response.headers) });
      } else {
        resolve({ state: 'silent', reason: `it answered ${response.statusCode}, not as an engine does` });
      }
    });
    call.on('timeout', () => call.destroy(new Error(`no answer within ${pingMs / 1000} s`)));
    call.on('error', (/** @type {NodeJS.ErrnoException} */ error) => {
      const denied = error.code === 'EACCES' || error.code === 'EPERM';
      resolve({ state: denied ? 'denied' : 'silent', reason: error.code ?? error.message });
    });
    call.end();
  });
}

/**
 * @param {import('node:http').IncomingHttpHeaders} headers
 * @returns {string} as a person would say it: Docker 20.10.24, Podman 4.3.1
 */
function nameEngine(headers) {
  const match = /(Docker|Libpod|Podman)\/([\w.-]+)/i.exec(String(headers['server'] ?? ''));
  if (!match?.[1]) return 'engine';
  return `${match[1].toLowerCase() === 'docker' ? 'Docker' : 'Podman'} ${match[2]}`;
}

/**
 * Asks all addresses at once and says what that means. The first that answers wins; with none, an address that the
 * person chose or may not use is told rather than passed over.
 * @param {readonly Address[]} addresses
 * @param {NodeJS.ProcessEnv} env
 * @param {{ dockerd: boolean, podman: boolean }} installed
 * @returns {Promise<EngineFound>}
 */
export async function detectEngine(addresses, env, installed) {
  const asked = await Promise.all(
    addresses.map(async (address) => ({ address, answer: await pingEngine(address.url, env) })),
  );
  /** @type {EngineFound | null} */
  let found = null;
  /** @type {string[]} */
  const others = [];
  for (const { address, answer } of asked) {
    if (answer.state !== 'reachable') continue;
    if (found) others.push(address.url);
    else found = { state: 'reachable', address, name: answer.name, others };
  }
  if (found) return found;
  const named = asked.find(({ address }) => address.via === 'DOCKER_HOST');
  if (named && named.answer.state !== 'reachable' && named.answer.state !== 'denied') {
    return { state: 'chosen', address: named.address, reason: named.answer.reason };
  }
  const denied = asked.find(({ answer }) => answer.state === 'denied');
  if (denied) return { state: 'denied', address: denied.address };
  return { state: 'absent', ...installed };
}
