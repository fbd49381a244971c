// Requests about the machine that AutoGit runs on.
import { machineSchema } from '../../model/machine.ts';
import { nothing, query } from '../define.ts';

export const machineRequests = {
  'machine.detect': query({
    summary: 'What this machine is: system, processor, memory, disks, container engine, graphics cards',
    input: nothing,
    output: machineSchema,
    cli: { path: ['detect'], examples: ['autogit detect', 'autogit detect --json'] },
  }),
};
