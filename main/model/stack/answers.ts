// What a person answers about a stack: three decisions; everything else has a default computed from the machine.
import { z } from 'zod';

/** Names of labs and templates: one label of a DNS name. https://www.rfc-editor.org/rfc/rfc1035#section-2.3.1 */
export const labelSchema = z
  .string()
  .max(40)
  .regex(/^[a-z](?:[a-z0-9-]*[a-z0-9])?$/, {
    message: 'small letters, digits and hyphens; it begins with a letter and does not end with a hyphen',
  });

const port = z.int().min(1).max(65_535);

export const presets = ['minimal', 'homelab', 'team', 'beast'] as const;
/** How much of the machine GitLab may take. */
export type Preset = (typeof presets)[number];

export const tlsSchema = z.discriminatedUnion('mode', [
  /** An authority of this lab alone, whose root other devices must be told to trust. */
  z.strictObject({ mode: z.literal('local-ca') }),
  /** A certificate that the person has: paths of PEM files on this machine. */
  z.strictObject({
    mode: z.literal('own'),
    certificate: z.string(),
    key: z.string(),
    /** The root that it leads to, or the chain up to that; `null`: a public one, or it is in the file of the certificate. */
    ca: z.string().nullable().default(null),
  }),
  /** Let's Encrypt, proven by a DNS record that Traefik makes at the provider. */
  z.strictObject({
    mode: z.literal('acme-dns'),
    email: z.email(),
    /** The name lego has for it. https://go-acme.github.io/lego/dns/ */
    provider: z.string().regex(/^[a-z0-9]+$/),
    staging: z.boolean().default(false),
  }),
  /** Let's Encrypt, proven by a request to port 80 of this machine from outside. */
  z.strictObject({ mode: z.literal('acme-http'), email: z.email(), staging: z.boolean().default(false) }),
]);
export type Tls = z.infer<typeof tlsSchema>;

/** Whether what is served leads to a root that has to be trusted besides the public ones. */
export function hasOwnRoot(tls: Tls): boolean {
  return tls.mode === 'local-ca' || (tls.mode === 'own' && tls.ca !== null);
}

export const dnsSchema = z.discriminatedUnion('mode', [
  /** CoreDNS of the stack answers for the lab; `upstream`: who answers everything else, `[]`: the machine's own. */
  z.strictObject({ mode: z.literal('coredns'), upstream: z.array(z.string()).max(15).default([]) }),
  /** The person's own name server: AutoGit says which records it needs. */
  z.strictObject({ mode: z.literal('own') }),
  /** AutoGit makes the records at a provider. */
  z.strictObject({
    mode: z.literal('provider'),
    provider: z.enum(['cloudflare', 'route53']),
    zone: z.string(),
  }),
]);

/** A value that a template asks for; which are allowed its manifest says. */
export const answerValueSchema = z.union([z.string().max(4096), z.number(), z.boolean()]);
export type AnswerValue = z.infer<typeof answerValueSchema>;

/** The answers as a person gives them. Their names and addresses are judged by `main/templates`. */
export const stackAnswersSchema = z.strictObject({
  /** First label of the domain, name of the Compose project after `autogit-`. */
  lab: labelSchema,
  /** Absolute path of the folder for all data. */
  data: z.string().min(1).max(1024),
  tls: tlsSchema,
  /** `null`: `<lab>.home.arpa`. */
  domain: z.string().max(253).nullable().default(null),
  /** Address of this machine in its network, which names lead to; `null`: found out. */
  address: z.ipv4().nullable().default(null),
  /** The same for IPv6; `null`: no AAAA records. */
  address6: z.ipv6().nullable().default(null),
  /** Address of this machine that ports are published on, but the one for DNS, which is on `address`; `null`: all. */
  bind: z.union([z.ipv4(), z.ipv6()]).nullable().default(null),
  /** `null`: by the machine's memory. */
  preset: z.enum(presets).nullable().default(null),
  sso: z.enum(['authelia', 'off']).default('authelia'),
  dns: dnsSchema.default({ mode: 'coredns', upstream: [] }),
  /** Ports of this machine; https and http other than 443 and 80 show in every address. */
  ports: z
    .strictObject({
      http: port.default(80),
      https: port.default(443),
      ssh: port.default(2222),
      dns: port.default(53),
    })
    .default({ http: 80, https: 443, ssh: 2222, dns: 53 }),
  /** Whether git over SSH goes straight to GitLab or through Traefik. */
  ssh: z.enum(['direct', 'traefik']).default('direct'),
  /** The first person: GitLab's `root` has this e-mail address, Authelia this user. */
  admin: z
    .strictObject({
      username: z
        .string()
        .regex(/^[a-z][a-z0-9._-]{0,30}$/)
        .default('admin'),
      /** `null`: `<username>@<domain>`. */
      email: z.email().nullable().default(null),
    })
    .default({ username: 'admin', email: null }),
  /** What GitLab allows; set by its API and read back. */
  policy: z
    .strictObject({
      signUp: z.boolean().default(false),
      passwordLength: z.int().min(8).max(128).default(12),
      sessionDays: z.int().min(1).max(365).default(7),
      defaultBranch: z
        .string()
        .regex(/^[A-Za-z0-9._/-]{1,100}$/)
        .default('main'),
    })
    .default({ signUp: false, passwordLength: 12, sessionDays: 7, defaultBranch: 'main' }),
  /** Chosen optional templates and what they ask for, by id: `{ registry: {}, mail: { host: … } }`. Also answers of the fixed ones. */
  templates: z
    .record(labelSchema, z.record(z.string().regex(/^[a-z][A-Za-z0-9]*$/), answerValueSchema))
    .default({}),
  /** What the person has agreed to give to templates beyond the rules, as the plan names it: `monitoring: host root mount`. */
  grants: z.array(z.string().max(200)).max(64).default([]),
});
export type StackAnswers = z.infer<typeof stackAnswersSchema>;

/** Addresses that stand for all of a machine. */
const everywhere: readonly string[] = ['0.0.0.0', '::'];

/** The one address that ports are published on; `null`: all. */
export function boundAddress({ bind }: Pick<StackAnswers, 'bind'>): string | null {
  return bind === null || everywhere.includes(bind) ? null : bind;
}

/** The address at which this machine itself finds the stack's ports; `null`: not known. */
export function ownAddress(answers: Pick<StackAnswers, 'address' | 'bind'>): string | null {
  return boundAddress(answers) ?? answers.address;
}
