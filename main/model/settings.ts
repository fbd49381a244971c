// The settings of a home: the shape of settings.yaml, with every default.
import { z } from 'zod';
import { backupSettingsSchema, defaultBackupSettings } from './backup/settings.ts';
import { gpuIdSchema } from './gpu.ts';
import { defaultNoticeSettings, noticeSettingsSchema } from './notice-settings.ts';
import { poolSchema } from './pool.ts';
import { architectures, imageSchema } from './pool-container.ts';
import { updateChannels } from './updates.ts';

/** The version that this program writes; older ones are stepped up, newer ones refused. */
export const settingsVersion = 1;

const httpUrl = z.url({ protocol: /^https?$/ }).refine((url) => !/[?#]/.test(url), {
  message: 'no query and no fragment',
});

/** Release qemu-v10.2.3 by its content. https://github.com/tonistiigi/binfmt */
const emulatorImage =
  'tonistiigi/binfmt@sha256:400a4873b838d1b89194d982c45e5fb3cda4593fbfd7e08a02e76b03b21166f0';

/** As a person writes it, and with no name of a folder that is none. */
const absolutePath = z
  .string()
  .max(4096)
  .regex(/^\/[^\p{C}]*[^\p{C}/]$/u, 'an absolute path of a file');

/** `192.168.1.10:443`, `[fd00::10]:443`, `localhost:8443`. */
const hostAndPort = z
  .string()
  .max(270)
  .regex(/^(?:\[[0-9a-fA-F:.]+\]|[^:[\]/\s@]+):\d{1,5}$/, 'HOST:PORT, or [ADDRESS]:PORT')
  .refine((text) => {
    const port = Number(text.slice(text.lastIndexOf(':') + 1));
    return port >= 1 && port <= 65_535;
  }, 'a port from 1 to 65535');

/** Over https, or from this machine itself; nothing of a person's in it. */
const updateAddress = z
  .string()
  .max(1024)
  .regex(
    /^(?:https:\/\/|http:\/\/(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])(?=[:/]|$))[^\s@?#\p{C}]+$/u,
    'an https address, without a user, a query or a fragment',
  );

/** As engines name networks. */
const networkName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a name of letters, digits, `_`, `.` and `-`');

const gitlabKindWords = 'Which GitLab this home serves: none yet, the sandbox, or a server of your own.';

/** Which GitLab this home serves. The sandbox is never a fallback for a real one. */
export const gitlabSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none').describe(gitlabKindWords) }),
  z.strictObject({
    kind: z.literal('sandbox').describe(gitlabKindWords),
    state: z.enum(['running', 'stopped']).default('running').describe('Whether the sandbox runs.'),
    runner: z
      .enum(['sandbox', 'official'])
      .default('sandbox')
      .describe("Which program runs the jobs: the sandbox's own, or the pinned official image."),
  }),
  z.strictObject({
    kind: z.literal('server').describe(gitlabKindWords),
    url: httpUrl.describe('The address at which AutoGit asks GitLab.'),
    runnerUrl: httpUrl.nullable().default(null).describe('The address that runners use; null: the same.'),
    ca: absolutePath
      .nullable()
      .default(null)
      .describe('File with a root certificate (PEM) to trust besides the public ones; null: none.'),
    trustInJobs: z.boolean().default(true).describe('Whether programs in jobs trust that root, too.'),
    stack: z
      .strictObject({
        network: networkName.describe(
          "The engine's network on which GitLab is known by its public name: runners stand on it.",
        ),
        connect: hostAndPort
          .nullable()
          .default(null)
          .describe('Where AutoGit itself connects to, whatever the name says; null: where the name leads.'),
      })
      .nullable()
      .default(null)
      .describe('Where GitLab is a stack on the engine of this home; null: it is elsewhere.'),
  }),
]);

export const settingsSchema = z.strictObject({
  version: z.literal(settingsVersion).default(settingsVersion).describe('The form of the file.'),
  gitlab: gitlabSettingsSchema.default({ kind: 'none' }).describe('Which GitLab this home serves.'),
  engine: z
    .strictObject({
      host: z
        .string()
        .max(1024)
        .nullable()
        .default(null)
        .describe(
          'Address of the container engine, such as unix:///run/user/1000/docker.sock; null: the first that is found.',
        ),
    })
    .default({ host: null })
    .describe('The container engine on which runners start.'),
  pools: z
    .array(poolSchema)
    .max(1000)
    .refine((pools) => new Set(pools.map((pool) => pool.name)).size === pools.length, {
      message: 'two pools have the same name',
    })
    .default([poolSchema.parse({ name: 'default', tags: ['docker', 'autogit'] })])
    .describe("Runners of one kind each. A job goes to a pool that has all of the job's tags."),
  gpus: z
    .strictObject({
      reserved: z
        .array(
          z.strictObject({
            id: gpuIdSchema.describe('The id that `autogit gpu list` shows.'),
            for: z.string().trim().min(1).max(80).describe('What its owner uses it for.'),
          }),
        )
        .max(64)
        .default([])
        .describe('Graphics cards that jobs never get.'),
      exclusive: z
        .array(gpuIdSchema)
        .max(64)
        .default([])
        .describe('Graphics cards that one job has at a time: pools that share cards do not get them.'),
    })
    .default({ reserved: [], exclusive: [] })
    .describe('What jobs may have of the graphics cards.'),
  emulation: z
    .strictObject({
      architectures: z
        .array(z.enum(architectures))
        .max(architectures.length)
        .default([])
        .describe('Processors whose emulators AutoGit registers, and again after each start of the machine.'),
      image: imageSchema
        .default(emulatorImage)
        .describe(
          'What registers them, in a privileged container: another image has to take the same words.',
        ),
    })
    .default({ architectures: [], image: emulatorImage })
    .describe('Running programs of other processors.'),
  proofs: z
    .enum(['auto', 'on', 'off'])
    .default('auto')
    .describe(
      'Whether a tiny job proves what pools give, when they are new or changed, and daily. auto: with a real GitLab, and with the sandbox only when asked.',
    ),
  backups: backupSettingsSchema
    .default(defaultBackupSettings)
    .describe('Where backups are kept, when they are made, and how it is seen that they restore.'),
  notices: noticeSettingsSchema
    .default(defaultNoticeSettings)
    .describe('What AutoGit tells a person without being asked, and when.'),
  updates: z
    .strictObject({
      address: updateAddress
        .nullable()
        .default(null)
        .describe('The folder in which updates.json of AutoGit itself lies; null: nobody is asked.'),
      check: z
        .enum(['daily', 'never'])
        .default('daily')
        .describe('Whether AutoGit asks there by itself. It never installs by itself.'),
      channel: z.enum(updateChannels).default('stable').describe('Which releases the list has to be of.'),
    })
    .default({ address: null, check: 'daily', channel: 'stable' })
    .describe('Newer versions of AutoGit itself.'),
  log: z
    .strictObject({
      level: z
        .enum(['debug', 'info', 'warn', 'error'])
        .default('info')
        .describe("The least grave that is written to AutoGit's own log."),
    })
    .default({ level: 'info' })
    .describe("AutoGit's own log."),
});

export type Settings = z.infer<typeof settingsSchema>;
export type GitlabSettings = z.infer<typeof gitlabSettingsSchema>;

/** The settings of a new home. */
export const defaultSettings: Settings = settingsSchema.parse({});
