// In the socket proxy's place: passes on what its own options allow, as the real one reads them, and refuses the rest.
import { createServer, request } from 'node:http';

const options = process.argv.slice(2).map((one) => {
  const [, key = one, value = ''] = /^-([A-Za-z]+)=(.*)$/.exec(one) ?? [];
  return { key, value };
});
/** @param {string} name @param {string} otherwise */
const valueOf = (name, otherwise) => options.find(({ key }) => key === name)?.value ?? otherwise;
const allowed = options
  .filter(({ key }) => /^allow(?:GET|HEAD)$/.test(key))
  .map(({ key, value }) => ({ method: key.slice('allow'.length), pattern: new RegExp(`^(?:${value})$`) }));
const socketPath = valueOf('socketpath', '/var/run/docker.sock');

createServer((incoming, answer) => {
  const path = new URL(incoming.url ?? '/', 'http://proxy').pathname;
  if (!allowed.some(({ method, pattern }) => method === incoming.method && pattern.test(path))) {
    answer.writeHead(403).end();
    return;
  }
  const passed = request({
    socketPath,
    method: incoming.method,
    path: incoming.url,
    headers: incoming.headers,
  });
  passed.once('response', (given) => {
    answer.writeHead(given.statusCode ?? 502, given.headers);
    given.pipe(answer);
  });
  passed.once('error', () => answer.writeHead(502).end());
  incoming.pipe(passed);
}).listen(Number(valueOf('proxyport', '2375')), '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));
