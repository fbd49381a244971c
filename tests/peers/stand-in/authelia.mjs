// In Authelia's place where its program is not on the machine: answers that it is healthy, and lets nobody in.
import { createServer } from 'node:http';

createServer((incoming, answer) => {
  if (incoming.url === '/api/health')
    answer.writeHead(200, { 'Content-Type': 'application/json' }).end('{"status":"OK"}');
  else answer.writeHead(401).end();
}).listen(9091, '0.0.0.0');
process.once('SIGTERM', () => process.exit(0));
