// Requests about newer versions of AutoGit itself: what there is, looking for it, bringing it here, installing it.
import { z } from 'zod';
import { installKinds, updateChannels } from '../../model/updates.ts';
import { command, dryRun, nothing, outcomeSchema, query, stream } from '../define.ts';
import { problemSchema } from '../snapshot.ts';

const instant = z.number().describe('milliseconds since 1970');

/**
 * `off`: no place is asked. `no-key`: this build trusts nobody's signature. `unknown`: not asked yet. `blocked`: there is a
 * newer one, to which no way leads from this one. `ready`: downloaded. `installed`: it takes effect at the next start.
 * `refused`: the list that was taken last does not count any more.
 */
export const updateStates = [
  'off',
  'no-key',
  'unknown',
  'current',
  'available',
  'blocked',
  'downloading',
  'ready',
  'installed',
  'refused',
] as const;

export const updateStatusSchema = z.object({
  state: z.enum(updateStates),
  sentence: z.string(),
  /** What runs. */
  version: z.string(),
  /** How it was installed, which is also what an update has to be. */
  kind: z.enum(installKinds),
  arch: z.string(),
  channel: z.enum(updateChannels),
  /** `null`: none is set. */
  address: z.string().nullable(),
  check: z.enum(['daily', 'never']),
  checkedAt: instant.nullable().describe('when the place was last asked and answered well'),
  nextCheckAt: instant.nullable().describe('null: not by itself'),
  /** Why the last look failed; `null`: it did not. */
  problem: problemSchema.nullable(),
  /** What is newer than what runs; `null`: nothing that is known. */
  available: z
    .object({
      version: z.string(),
      date: z.string(),
      /** Of everything in between, the newest first. Plain text: nothing in it is markup. */
      changelog: z.array(z.object({ version: z.string(), date: z.string(), text: z.string() })),
      /** `null`: it has no package for this one. */
      file: z.object({ name: z.string(), size: z.int(), sha256: z.string() }).nullable(),
    })
    .nullable(),
  /** Of a download that goes on. Bytes. */
  progress: z.object({ received: z.int(), total: z.int() }).nullable(),
  /** How the file is installed here; `null`: there is none. */
  install: z
    .object({
      way: z.enum(['command', 'asks-system', 'replace', 'open', 'by-hand']),
      /** A line for a shell; `null`: it needs none. */
      command: z.string().nullable(),
      path: z.string(),
    })
    .nullable(),
});

export type UpdateStatus = z.infer<typeof updateStatusSchema>;

export const updateRequests = {
  'update.status': query({
    summary: 'Which AutoGit this is, whether there is a newer one, and what is new in it',
    input: nothing,
    output: updateStatusSchema,
    cli: { path: ['update', 'status'], examples: ['autogit update status', 'autogit update status --json'] },
  }),
  'update.watch': stream({
    summary: 'The same, and again whenever it changes, as while a download goes on',
    input: nothing,
    output: updateStatusSchema,
    cli: { path: ['update', 'watch'], examples: ['autogit update watch', 'autogit update watch --json'] },
  }),
  'update.check': command({
    summary: 'Ask now whether there is a newer AutoGit; installs nothing',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: { path: ['update', 'check'], examples: ['autogit update check', 'autogit update check --json'] },
  }),
  'update.download': command({
    summary: 'Bring the newer AutoGit into the home, and look whether it is the one that was signed',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['update', 'download'],
      examples: ['autogit update download', 'autogit update download --dry-run'],
    },
  }),
  'update.install': command({
    summary: 'Look at the downloaded file once more, and install it or say the line that does',
    input: z.strictObject({
      ask: z
        .boolean()
        .default(false)
        .describe('where a package manager needs a password, let the system ask for it on the screen'),
      dryRun,
    }),
    output: outcomeSchema.extend({
      /** A line for a shell that installs it; `null`: none is needed. */
      command: z.string().nullable(),
      /** It is installed: what runs is the former version until the next start. */
      restart: z.boolean(),
    }),
    cli: {
      path: ['update', 'install'],
      examples: ['autogit update install', 'autogit update install --ask'],
    },
  }),
};
