// The settings of a home: the shape of settings.yaml, with every default.
import { z } from 'zod';
import { gpuIdSchema } from './gpu.ts';
import { poolSchema } from './pool.ts';
import { architectures, imageSchema } from './pool-container.ts';

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

/** As engines name networks. */
const networkName = z
  .string()
  .max(255)
  .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]*$/, 'a name of letters, digits, `_`, `.` and `-`');

/** Which GitLab this home serves. The sandbox is never a fallback for a real one. */
export const gitlabSettingsSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('sandbox'),
    state: z.enum(['running', 'stopped']).default('running'),
    /** Which program runs the jobs: the sandbox's own, or the pinned official image. */
    runner: z.enum(['sandbox', 'official']).default('sandbox'),
  }),
  z.strictObject({
    kind: z.literal('server'),
    /** The address that AutoGit uses. */
    url: httpUrl,
    /** The address that runners use; `null`: the same. */
    runnerUrl: httpUrl.nullable().default(null),
    /** File with a root certificate (PEM) to trust besides the public ones; `null`: none. */
    ca: absolutePath.nullable().default(null),
    /** Whether programs in jobs find that root, too. */
    trustInJobs: z.boolean().default(true),
    /** Where it is a stack on the engine of this home; `null`: it is elsewhere. */
    stack: z
      .strictObject({
        /** The engine's network on which it is known by its public name: runners stand on it. */
        network: networkName,
        /** Where AutoGit itself connects to, whatever the name says; `null`: where the name leads. */
        connect: hostAndPort.nullable().default(null),
      })
      .nullable()
      .default(null),
  }),
]);

export const settingsSchema = z.strictObject({
  version: z.literal(settingsVersion).default(settingsVersion),
  gitlab: gitlabSettingsSchema.default({ kind: 'none' }),
  engine: z
    .strictObject({
      /** Address of the container engine, e.g. `unix:///run/user/1000/docker.sock`; `null`: the first that is found. */
      host: z.string().max(1024).nullable().default(null),
    })
    .default({ host: null }),
  pools: z
    .array(poolSchema)
    .max(1000)
    .refine((pools) => new Set(pools.map((pool) => pool.name)).size === pools.length, {
      message: 'two pools have the same name',
    })
    .default([poolSchema.parse({ name: 'default', tags: ['docker', 'autogit'] })]),
  gpus: z
    .strictObject({
      /** Graphics cards that AutoGit never hands out, by the ids that `autogit gpu list` shows. */
      reserved: z
        .array(
          z.strictObject({
            id: gpuIdSchema,
            /** What its owner uses it for. */
            for: z.string().trim().min(1).max(80),
          }),
        )
        .max(64)
        .default([]),
      /** Graphics cards that one job has at a time: pools that share cards do not get them. */
      exclusive: z.array(gpuIdSchema).max(64).default([]),
    })
    .default({ reserved: [], exclusive: [] }),
  emulation: z
    .strictObject({
      /** Processors whose emulators AutoGit registers, and again after the machine was started anew. */
      architectures: z.array(z.enum(architectures)).max(architectures.length).default([]),
      /** What registers them, in a privileged container: another image has to take the same words. */
      image: imageSchema.default(emulatorImage),
    })
    .default({ architectures: [], image: emulatorImage }),
  /** Whether a tiny job proves what pools give: `auto`: with a real GitLab, and with a sandbox only when asked. */
  proofs: z.enum(['auto', 'on', 'off']).default('auto'),
  log: z
    .strictObject({ level: z.enum(['debug', 'info', 'warn', 'error']).default('info') })
    .default({ level: 'info' }),
});

export type Settings = z.infer<typeof settingsSchema>;
export type GitlabSettings = z.infer<typeof gitlabSettingsSchema>;

/** The settings of a new home. */
export const defaultSettings: Settings = settingsSchema.parse({});
