// The manifest of a template: what `template.json` says of a part of the stack.
import { z } from 'zod';
import { labelSchema } from './answers.ts';

const name = z.string().regex(/^[a-z][A-Za-z0-9]*$/);
const text = z.string().min(1).max(500);

/** One thing a template asks for. The form of the value is checked, so that no answer can leave its place in a file. */
export const questionSchema = z.discriminatedUnion('type', [
  z.strictObject({ id: name, label: text, help: text, type: z.literal('boolean'), default: z.boolean() }),
  z.strictObject({
    ...{ id: name, label: text, help: text, type: z.literal('number') },
    ...{ min: z.number(), max: z.number(), default: z.number().nullable() },
  }),
  z.strictObject({
    ...{ id: name, label: text, help: text, type: z.literal('choice') },
    ...{ choices: z.array(z.string()).min(2), default: z.string() },
  }),
  z.strictObject({
    ...{ id: name, label: text, help: text, type: z.literal('text') },
    /** `line`: printable, one line. */
    format: z.enum(['line', 'host', 'email', 'path', 'username']),
    /** `null`: has to be answered. */
    default: z.string().nullable(),
  }),
  /** Never in a file but its own, never in the plan: the person is asked by the secret's name. */
  z.strictObject({ id: name, label: text, help: text, type: z.literal('secret'), optional: z.boolean() }),
]);
export type Question = z.infer<typeof questionSchema>;

/** How the value of a secret comes about. */
export const secretKinds = [
  /** 64 letters and digits. */
  'random',
  /** 24 letters and digits that a person can type; shown once. */
  'password',
  /** An RSA key of 2048 bits, PKCS#8, PEM. */
  'rsa-key',
  /** Digest of another secret (`of`) as Authelia wants it of clients' secrets: `$pbkdf2-sha512$…`. */
  'pbkdf2-of',
  /** Digest of another secret as Authelia wants it of passwords: `$argon2id$…`. */
  'argon2id-of',
  /** Asked of the person: an API token, a mail password. */
  'asked',
] as const;

export const secretNeedSchema = z.strictObject({
  /** Also the file's name below `secrets/`: `gitlab-root-password`. */
  name: labelSchema,
  kind: z.enum(secretKinds),
  of: labelSchema.optional(),
  /** Shown to people and in the plan. */
  label: text,
  /** Liquid expression; missing: always. */
  when: z.string().optional(),
});

export const templateSchema = z.strictObject({
  id: labelSchema,
  title: text,
  description: text,
  /** Core: always there. Fixed: there when an answer asks for it (`when`). Option: there when `templates` names it. */
  kind: z.enum(['core', 'fixed', 'option']),
  /** Liquid expression over the context, for `fixed`: `sso == "authelia"`. */
  when: z.string().optional(),
  /** Other templates it cannot do without. */
  needs: z.array(labelSchema).default([]),
  /** What people and other parts of the stack get from it, shown with the questions. */
  provides: z.array(text).default([]),
  questions: z.array(questionSchema).default([]),
  /** Pinned by tag and digest; `bytes`: what is pulled for amd64, compressed, about. */
  images: z
    .array(
      z.strictObject({
        name: labelSchema,
        reference: z
          .string()
          .regex(/^(?:[a-z0-9.-]+:\d+\/)?[a-z0-9./_-]+:[A-Za-z0-9._-]+@sha256:[0-9a-f]{64}$/),
        bytes: z.int().positive(),
        architectures: z.array(z.string()).min(1),
      }),
    )
    .default([]),
  /** Files that are rendered, `from` in the template's folder, `to` in the stack's. */
  files: z
    .array(
      z.strictObject({
        from: z.string(),
        to: z.string(),
        /** What syntax the result is checked against. */
        format: z.enum(['yaml', 'json', 'ruby', 'corefile', 'text']),
        when: z.string().optional(),
      }),
    )
    .default([]),
  /** Folders below the data folder, made before the first start. */
  folders: z
    .array(z.strictObject({ path: z.string(), holds: text, when: z.string().optional() }))
    .default([]),
  secrets: z.array(secretNeedSchema).default([]),
  /** Ports of this machine it publishes; `port` is a Liquid expression. */
  ports: z
    .array(
      z.strictObject({
        port: z.string(),
        protocol: z.enum(['tcp', 'udp']),
        service: z.string(),
        what: text,
        when: z.string().optional(),
      }),
    )
    .default([]),
  /** Public names below the lab's domain that lead to Traefik: `gitlab`, `auth`. */
  names: z.array(z.strictObject({ name: labelSchema, what: text, when: z.string().optional() })).default([]),
  /** What its services need at least, and usually use, in MiB, before the preset. */
  memory: z.strictObject({ leastMiB: z.int().nonnegative(), usualMiB: z.int().nonnegative() }),
  /** What is waited for after it was started, in this order. */
  milestones: z
    .array(
      z.strictObject({
        key: labelSchema,
        service: z.string(),
        /** What is said while it is waited for. */
        waiting: text,
        /** `usually 3-5 minutes`, for people. */
        usually: text,
        /** Lines of the service's log that show it is at this point; JavaScript regular expression. */
        log: z.string().optional(),
      }),
    )
    .default([]),
  /** Lines of its log that look bad and mean nothing; JavaScript regular expressions. */
  harmless: z.array(z.string()).default([]),
  upgrade: z.strictObject({
    /** Versions of the first image at which an upgrade has to stop on its way, oldest first: `18.5`. */
    stops: z.array(z.string().regex(/^\d{1,9}\.\d{1,9}$/)).default([]),
    /** Another version migrates the data: there is no way back over that, and a copy is wanted before. */
    backup: z.boolean().default(false),
  }),
});
export type Template = z.infer<typeof templateSchema>;

/** A template as it was read: manifest and the texts of its files. */
export interface TemplateSource {
  readonly manifest: Template;
  /** `bundled`: ours; `own`: a person's folder, to which the rules apply without exception but the grants. */
  readonly origin: 'bundled' | 'own';
  /** By path in the template's folder: `compose.yaml`, `files/gitlab.rb`. */
  readonly files: Readonly<Record<string, string>>;
}
