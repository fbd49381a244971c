// The program `autogit`.
import { endProcess, processWorld } from './process-world.ts';
import { runCli } from './run.ts';

const world = processWorld(() => import('../index.ts'));
endProcess(await runCli(process.argv.slice(2), world));
