// The program `autogit` over a pretended lab, for tests of whole processes. AUTOGIT_FAKE_STEP_MS sets its pace.
import { endProcess, processWorld } from '../../main/cli/process-world.ts';
import { runCli } from '../../main/cli/run.ts';
import { fakeAccess } from './fake-access.ts';

const stepMs = Number(process.env['AUTOGIT_FAKE_STEP_MS'] ?? 100);
const access = fakeAccess({ stepMs, max: 4, jobSteps: 4, idleSteps: 5 });

const world = processWorld(() => Promise.resolve(access));
endProcess(await runCli(process.argv.slice(2), world));
