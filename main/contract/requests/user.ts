// Requests about people: one person is kept in one place, and Authelia and GitLab are kept in step.
import { z } from 'zod';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';

const name = z
  .string()
  .regex(/^[a-z][a-z0-9._-]{0,30}$/, { message: 'small letters, digits, dots, hyphens; a letter first' });
const groupName = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/, { message: 'letters, digits, dots, hyphens' });
/**
 * A name in Authelia's file that YAML does not allow there keeps Authelia from starting: controls, line ends, halves of
 * characters, and what is none. https://yaml.org/spec/1.2.2/#51-character-set
 */
const displayName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^[^\p{Cc}\p{Zl}\p{Zp}\p{Cs}\u{FEFF}\u{FFFE}\u{FFFF}]*$/u, {
    message: 'no control characters, line ends, or characters that nobody can see',
  });

export const userSchema = z.object({
  name: z.string(),
  displayName: z.string(),
  email: z.string(),
  groups: z.array(z.string()),
  disabled: z.boolean(),
  /** In the group whose people administrate GitLab. */
  admin: z.boolean(),
  /** `unknown`: Authelia's database cannot be asked now. */
  factors: z.union([z.literal('unknown'), z.array(z.enum(['totp', 'passkey']))]),
  gitlab: z.object({
    state: z.enum(['active', 'blocked', 'missing', 'unknown']),
    admin: z.boolean(),
    username: z.string().nullable(),
  }),
  /** What is not in step, a sentence each. */
  differences: z.array(z.string()),
  /**
   * What only a person can say. `confirm`: whether the account that GitLab has for them is theirs; `block`: whether GitLab lets
   * them in no longer, who were taken out of Authelia's file by hand. `null`: nothing.
   */
  decision: z.enum(['confirm', 'block']).nullable(),
});

/** Shown once, to whoever asked. */
const newAccess = {
  /** `null`: it is as it was. */
  password: z.string().nullable(),
  /** For an application of one-time passwords; `null`: none was made. */
  totp: z
    .object({
      /** `otpauth://totp/…` */
      uri: z.string(),
      secret: z.string(),
      /** Rows of its QR code, '1' for dark. */
      qr: z.array(z.string()),
    })
    .nullable(),
};

export const userRequests = {
  'user.list': query({
    summary: 'People of the lab: their groups, second factors, and whether GitLab knows them',
    input: nothing,
    output: z.object({
      /** Who keeps them; only those of `file` can be changed here. */
      source: z.enum(['file', 'ldap', 'oidc', 'gitlab', 'none']),
      sentence: z.string(),
      users: z.array(userSchema),
      /** Why GitLab's side is not known; `null`: it is. */
      gitlabProblem: z.string().nullable(),
    }),
    cli: { path: ['user', 'list'], examples: ['autogit user list', 'autogit user list --json'] },
  }),
  'user.add': command({
    summary: 'Add a person, to Authelia and GitLab; a password is made and shown once',
    input: z.strictObject({
      name: name.describe('by which they sign in'),
      email: z.email().describe('their e-mail address'),
      displayName: displayName.optional().describe('as others see them'),
      groups: z.array(groupName).max(50).optional().describe('groups; `admins` administrate'),
      totp: z.boolean().default(false).describe('with a one-time password, whose secret is shown once'),
      dryRun,
    }),
    output: outcomeSchema.extend(newAccess),
    cli: {
      path: ['user', 'add'],
      positional: ['name'],
      examples: [
        'autogit user add ana --email ana@example.net',
        'autogit user add ben --email ben@example.net --groups admins --totp',
      ],
    },
  }),
  'user.disable': command({
    summary: 'Let a person in no longer, neither in Authelia nor in GitLab; nothing of theirs is lost',
    input: z.strictObject({ name, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['user', 'disable'],
      positional: ['name'],
      examples: ['autogit user disable ana', 'autogit user disable ana --dry-run'],
    },
  }),
  'user.enable': command({
    summary: 'Let a person in again',
    input: z.strictObject({ name, dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['user', 'enable'],
      positional: ['name'],
      examples: ['autogit user enable ana', 'autogit user enable ana --dry-run'],
    },
  }),
  'user.remove': command({
    summary: 'Take a person out of Authelia; in GitLab they are blocked, and what they made stays',
    input: z.strictObject({ name, dryRun }),
    output: outcomeSchema,
    losesData: true,
    cli: {
      path: ['user', 'remove'],
      positional: ['name'],
      examples: ['autogit user remove ana --yes', 'autogit user remove ana --dry-run'],
    },
  }),
  'user.reset': command({
    summary: 'Give a person a new password or second factor; whoever may use this machine is the proof',
    input: z.strictObject({
      name,
      password: z.boolean().default(true).describe('a new password, shown once'),
      factors: z.boolean().default(false).describe('their second factors end'),
      totp: z.boolean().default(false).describe('and a new one-time password is made, shown once'),
      dryRun,
    }),
    output: outcomeSchema.extend(newAccess),
    cli: {
      path: ['user', 'reset'],
      positional: ['name'],
      examples: ['autogit user reset ana', 'autogit user reset ana --no-password --factors --totp'],
    },
  }),
  'user.groups': command({
    summary: 'Put a person into groups, or take them out',
    input: z.strictObject({
      name,
      add: z.array(groupName).max(50).optional().describe('into these'),
      remove: z.array(groupName).max(50).optional().describe('out of these'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['user', 'groups'],
      positional: ['name'],
      examples: ['autogit user groups ana --add admins', 'autogit user groups ana --remove admins'],
    },
  }),
  'user.sync': command({
    summary: 'Bring GitLab into step with the people of the lab',
    input: z.strictObject({
      confirm: z
        .array(name)
        .max(50)
        .optional()
        .describe('whose account in GitLab, found by its address, is theirs'),
      dryRun,
    }),
    output: outcomeSchema,
    cli: {
      path: ['user', 'sync'],
      examples: ['autogit user sync --dry-run', 'autogit user sync --confirm ana'],
    },
  }),
};
