// Requests about processors: what runs by itself, what by emulation, trying it, and emulators that AutoGit registers.
import { z } from 'zod';
import { architectures } from '../../model/pool-container.ts';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { architectureSchema } from '../snapshot.ts';

const architecture = z.enum(architectures).describe("the processor, in Docker's words");

/** What a command about processors answers. */
export const archOutcomeSchema = outcomeSchema.extend({
  /** How it stands with those that it was about. */
  architectures: z.array(architectureSchema),
});

export const archRequests = {
  'arch.list': query({
    summary: 'Processors: what runs by itself, what by emulation, and why the others do not',
    input: nothing,
    output: z.array(architectureSchema),
    cli: { path: ['arch', 'list'], examples: ['autogit arch list', 'autogit arch list --json'] },
  }),
  'arch.test': command({
    summary: 'Run a tiny real program of one processor, or of each, in a container',
    input: z.strictObject({ architecture: architecture.optional(), dryRun }),
    output: archOutcomeSchema,
    cli: {
      path: ['arch', 'test'],
      positional: ['architecture'],
      examples: ['autogit arch test', 'autogit arch test arm64'],
    },
  }),
  'arch.enable': command({
    summary: 'Say how emulation of a processor is installed, or with --privileged have an image register it',
    input: z.strictObject({
      architecture,
      privileged: z
        .boolean()
        .default(false)
        .describe(
          'agree that a privileged container of the pinned image registers it, now and after restarts',
        ),
      dryRun,
    }),
    output: archOutcomeSchema,
    cli: {
      path: ['arch', 'enable'],
      positional: ['architecture'],
      examples: ['autogit arch enable arm64', 'autogit arch enable riscv64 --privileged'],
    },
  }),
  'arch.disable': command({
    summary: 'Remove an emulator that AutoGit has registered; what was there before stays as it was',
    input: z.strictObject({ architecture, dryRun }),
    output: archOutcomeSchema,
    cli: {
      path: ['arch', 'disable'],
      positional: ['architecture'],
      examples: ['autogit arch disable arm64', 'autogit arch disable arm64 --dry-run'],
    },
  }),
  'arch.ci': query({
    summary: 'A .gitlab-ci.yml that builds for every processor that runs here, as text to copy',
    input: nothing,
    output: z.object({ file: z.string() }),
    cli: { path: ['arch', 'ci'], examples: ['autogit arch ci', 'autogit arch ci --json'] },
  }),
};
