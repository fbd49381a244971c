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

const acme = {
  email: z.email(),
  staging: z.boolean().default(false),
  /** Directory of another authority that speaks ACME, such as one in one's own network; `null`: Let's Encrypt. */
  server: z
    .url({ protocol: /^https$/ })
    .nullable()
    .default(null),
  /** PEM file of the root that the other authority leads to; `null`: a public one. */
  ca: z.string().nullable().default(null),
};

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
    ...acme,
    /** The name lego has for it. https://go-acme.github.io/lego/dns/ */
    provider: z.string().regex(/^[a-z0-9]+$/),
    /** What the provider asks for besides secrets, by lego's names: `OVH_ENDPOINT`. */
    options: z.record(z.string().regex(/^[A-Z][A-Z0-9_]*$/), z.string().max(1024)).default({}),
  }),
  /** Let's Encrypt, proven by a request to port 80 of this machine from outside. */
  z.strictObject({ mode: z.literal('acme-http'), ...acme }),
]);
export type Tls = z.infer<typeof tlsSchema>;

/** Whether what is served leads to a root that has to be trusted besides the public ones. */
export function hasOwnRoot(tls: Tls): boolean {
  return tls.mode === 'local-ca' || tls.ca !== null;
}

/** Who keeps people and their groups for Authelia. */
export const directorySchema = z.discriminatedUnion('kind', [
  /** A file, which `autogit user` writes. */
  z.strictObject({ kind: z.literal('file') }),
  /** An LDAP directory or Active Directory, which is only read; the secret `directory-password` is that of `user`. */
  z.strictObject({
    kind: z.literal('ldap'),
    /** Authelia's names for what it knows by itself of such a directory. */
    implementation: z
      .enum(['custom', 'activedirectory', 'rfc2307bis', 'freeipa', 'lldap', 'glauth'])
      .default('rfc2307bis'),
    /** `ldaps://ldap.example.net`, or `ldap://` with `startTls`; without TLS only where `plain` says so. */
    address: z.string().regex(/^ldaps?:\/\/[^\s/?#]+$/),
    startTls: z.boolean().default(false),
    /** Passwords cross the network unencrypted. */
    plain: z.boolean().default(false),
    /** `dc=example,dc=net` */
    baseDn: z.string().min(1).max(512),
    /** Who searches: `cn=reader,dc=example,dc=net`. */
    user: z.string().min(1).max(512),
    /** `null`: what the implementation has. */
    usersFilter: z.string().max(1024).nullable().default(null),
    groupsFilter: z.string().max(1024).nullable().default(null),
    additionalUsersDn: z.string().max(512).nullable().default(null),
    additionalGroupsDn: z.string().max(512).nullable().default(null),
    /** PEM file of the root of the directory's certificate; `null`: a public one. */
    ca: z.string().nullable().default(null),
    /** Name that the certificate is for, where the address has another or a number; `null`: that of the address. */
    serverName: z.string().max(253).nullable().default(null),
    /** The group whose people see the dashboards; who administrates GitLab is said there. */
    adminGroup: z.string().min(1).max(200).default('admins'),
    /** Whoever searches may set people's passwords in the directory, too. */
    changesPasswords: z.boolean().default(false),
  }),
]);
export type Directory = z.infer<typeof directorySchema>;

/** The group whose people administrate. */
export function adminGroupOf(directory: Directory): string {
  return directory.kind === 'ldap' ? directory.adminGroup : 'admins';
}

/** Another provider of OpenID Connect, which the person has; the secret `oidc-client-secret` is GitLab's there. */
export const oidcSchema = z.strictObject({
  /** `keycloak`, `okta`, `authentik`, `google`, `other`: what AutoGit knows of it. */
  provider: labelSchema,
  /** `https://keycloak.example.net/realms/main`, exactly as the provider calls itself. */
  issuer: z.string().min(1).max(2_048),
  clientId: z.string().min(1).max(200),
  /** What the button says. */
  label: z.string().min(1).max(40).nullable().default(null),
  /** PEM file of the root of the provider's certificate; `null`: a public one. */
  ca: z.string().nullable().default(null),
});
export type Oidc = z.infer<typeof oidcSchema>;

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
  /** `oidc`: another provider, which `oidc` names. */
  sso: z.enum(['authelia', 'oidc', 'off']).default('authelia'),
  oidc: oidcSchema.nullable().default(null),
  directory: directorySchema.default({ kind: 'file' }),
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
