// The lab's names: which records it needs, whether they are told, making them at a provider.
import { z } from 'zod';
import { nameForms, nameVerdicts, viewpoints } from '../../model/stack/names.ts';
import { command, dryRun, outcomeSchema, query } from '../define.ts';
import { issueSchema } from '../snapshot.ts';

export const nameRowSchema = z.object({
  name: z.string(),
  type: z.enum(['A', 'AAAA']),
  value: z.string(),
  /** What is behind it: `GitLab`. */
  what: z.string(),
});

export const namesSchema = z.object({
  domain: z.string(),
  rows: z.array(nameRowSchema),
  /** Text to copy, for whoever answers for names here. */
  snippets: z.array(
    z.object({ form: z.enum(nameForms), title: z.string(), goes: z.string(), text: z.string() }),
  ),
  /** The lab's own name server; `null`: it has none. */
  server: z.object({ address: z.string(), port: z.int() }).nullable(),
});

export const verifiedNamesSchema = z.object({
  /** Everybody who was asked tells every name as it should be, and git over SSH is answered. */
  healthy: z.boolean(),
  domain: z.string(),
  /** From the point of view of the devices around. */
  sentence: z.string(),
  views: z.array(
    z.object({
      from: z.enum(viewpoints),
      /** `192.168.1.1`; '' for this machine. */
      who: z.string(),
      names: z.array(z.object({ name: z.string(), verdict: z.enum(nameVerdicts), got: z.array(z.string()) })),
    }),
  ),
  findings: z.array(issueSchema),
  /** What answers where git asks over SSH. */
  ssh: z.object({
    url: z.string(),
    /** `SSH-2.0-OpenSSH_9.6`; `null`: nothing that speaks SSH. */
    banner: z.string().nullable(),
    why: z.string().nullable(),
    /** As `ssh-keygen -l` shows them; `[]`: this machine has no ssh-keyscan. */
    keys: z.array(z.object({ type: z.string(), fingerprint: z.string() })),
  }),
});

export const recordChangeSchema = z.object({
  change: z.enum(['create', 'update', 'same']),
  name: z.string(),
  type: z.enum(['A', 'AAAA']),
  from: z.string(),
  to: z.string(),
});

export const namesRequests = {
  'names.show': query({
    summary: "The lab's names and where they lead, as a table and as text for hosts files and name servers",
    input: z.strictObject({
      form: z.enum(nameForms).optional().describe('only this text, to be put into a file'),
    }),
    output: namesSchema,
    cli: {
      path: ['names', 'show'],
      positional: ['form'],
      examples: ['autogit names show', 'autogit names show hosts'],
    },
  }),
  'names.verify': query({
    summary:
      'Ask this machine, its name servers and a container for the names; ends with 1 where one is wrong',
    input: z.strictObject({
      server: z
        .string()
        .max(64)
        .regex(/^[0-9A-Fa-f.:[\]]+$/, 'an address, with or without a port')
        .optional()
        .describe('another name server to ask: the one that your devices use'),
    }),
    output: verifiedNamesSchema,
    cli: {
      path: ['names', 'verify'],
      examples: ['autogit names verify', 'autogit names verify --server 192.168.1.1'],
    },
  }),
  'names.publish': command({
    summary: 'Make the records at the provider of your domain; without --yes only say which',
    input: z.strictObject({
      provider: z
        .enum(['cloudflare', 'route53'])
        .optional()
        .describe('who has the domain; by default as answered'),
      zone: z.string().max(253).optional().describe('domain as it is registered there'),
      yes: z.boolean().default(false).describe('make them, and change those that lead elsewhere'),
      dryRun,
    }),
    output: outcomeSchema.extend({ records: z.array(recordChangeSchema) }),
    cli: {
      path: ['names', 'publish'],
      examples: ['autogit names publish', 'autogit names publish --yes'],
    },
  }),
};
