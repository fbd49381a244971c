// Requests about certificates: what is served, whether it is good, who trusts it, and how other devices learn to.
import { z } from 'zod';
import { tlsSchema } from '../../model/stack/answers.ts';
import { trustPlaceKinds, trustStates } from '../../model/trust.ts';
import { command, dryRun, nothing, outcomeSchema, query } from '../define.ts';
import { instant } from '../stack-fields.ts';

export const certificateSchema = z.object({
  /** What it is for: `served` to whoever asks, or the `root` that devices trust. */
  role: z.enum(['served', 'root']),
  subject: z.string(),
  issuer: z.string(),
  names: z.array(z.string()),
  from: instant,
  until: instant,
  /** SHA-256, `AB:CD:…`, as browsers and systems show it. */
  fingerprint: z.string(),
  /** `EC P-256`, `RSA 2048`. */
  key: z.string(),
  /** Who renews it and when, in a sentence. */
  renewal: z.string(),
  /** Why Traefik has not got the next one, when it has tried last; missing: nothing has failed since this one came. */
  failure: z.object({ at: instant.nullable(), message: z.string(), next: z.string() }).optional(),
});

export const trustPlaceSchema = z.object({
  /** `system`, `nss:/home/ana/.pki/nssdb`: by which it is named in `certificate.trust`. */
  id: z.string(),
  kind: z.enum(trustPlaceKinds),
  /** `Programs of this machine`, `Chromium and Chrome of ana`. */
  label: z.string(),
  /** File or folder. */
  path: z.string(),
  state: z.enum(trustStates),
  /** Why nothing is known or nothing can be done, in a sentence. */
  why: z.string().nullable(),
  /** Lines for a shell that do it, where AutoGit may not. */
  commands: z.array(z.string()),
});

export const certificateCheckSchema = z.object({
  /** Stable: `certificate.key-fits`, `acme.token-scope`. */
  key: z.string(),
  label: z.string(),
  state: z.enum(['good', 'warning', 'bad', 'unknown']),
  /** What was found, in a sentence. */
  message: z.string(),
  next: z.string().nullable(),
});

const places = z
  .array(z.string().min(1).max(500))
  .max(100)
  .optional()
  .describe('only these, as `certificate list` names them; without it, all');

const trustOutcomeSchema = outcomeSchema.extend({ places: z.array(trustPlaceSchema) });

export const certificateRequests = {
  'certificate.list': query({
    summary: 'Certificates of the stack, until when they hold, and where this machine trusts them',
    input: nothing,
    output: z.object({
      /** `null`: there is no stack. */
      mode: z.enum(['local-ca', 'own', 'acme-dns', 'acme-http']).nullable(),
      sentence: z.string(),
      certificates: z.array(certificateSchema),
      places: z.array(trustPlaceSchema),
      /** Where other devices find the root; `null`: it is not shared now. */
      sharing: z
        .object({
          url: z.string(),
          until: instant,
          /** Rows of a QR code of the address, '1' for dark. */
          qr: z.array(z.string()).optional(),
        })
        .nullable(),
    }),
    cli: {
      path: ['certificate', 'list'],
      examples: ['autogit certificate list', 'autogit certificate list --json'],
    },
  }),
  'certificate.check': query({
    hasSecrets: true,
    summary: 'Whether a way to certificates would work, before anything asks for one; nothing is changed',
    input: z.strictObject({
      tls: tlsSchema.optional().describe('that way, as the answers of a stack have it; without it, theirs'),
      domain: z.string().max(253).optional().describe('for this domain; without it, that of the answers'),
      secrets: z
        .record(z.string().max(100), z.string().max(16_384))
        .optional()
        .describe("the provider's secrets by name; without them, those that are kept"),
      text: z
        .string()
        .max(200_000)
        .optional()
        .describe('answers as a file has them, instead of `tls` and `domain`'),
      pasted: z
        .object({ certificate: z.string().max(12_000_000), key: z.string().max(12_000_000) })
        .optional()
        .describe('for `own`: contents of the files, instead of reading them'),
    }),
    output: z.object({ good: z.boolean(), sentence: z.string(), checks: z.array(certificateCheckSchema) }),
    cli: {
      path: ['certificate', 'check'],
      examples: ['autogit certificate check', 'autogit certificate check --json'],
    },
  }),
  'certificate.providers': query({
    summary: "Providers of DNS records that Let's Encrypt can be answered through, and what each asks for",
    input: nothing,
    output: z.object({
      providers: z.array(
        z.object({
          id: z.string(),
          title: z.string(),
          /** Where its token is made, and with which rights. */
          help: z.string(),
          url: z.string(),
          /** Whether AutoGit can try the token before it is used. */
          checked: z.boolean(),
          fields: z.array(
            z.object({
              /** lego's name: `CF_DNS_API_TOKEN`. */
              name: z.string(),
              label: z.string(),
              /** Name of the stack's secret; `null`: an option that is no secret. */
              secret: z.string().nullable(),
              required: z.boolean(),
              placeholder: z.string().nullable(),
            }),
          ),
        }),
      ),
    }),
    cli: {
      path: ['certificate', 'providers'],
      examples: ['autogit certificate providers', 'autogit certificate providers --json'],
    },
  }),
  'certificate.renew': command({
    summary: 'Renew the certificate now, without a restart',
    input: z.strictObject({ dryRun }),
    output: outcomeSchema,
    cli: {
      path: ['certificate', 'renew'],
      examples: ['autogit certificate renew', 'autogit certificate renew --dry-run'],
    },
  }),
  'certificate.trust': command({
    summary: "Have programs of this machine trust the lab's root",
    input: z.strictObject({ places, dryRun }),
    output: trustOutcomeSchema,
    cli: {
      path: ['certificate', 'trust'],
      positional: ['places'],
      examples: ['autogit certificate trust', 'autogit certificate trust system --dry-run'],
    },
  }),
  'certificate.untrust': command({
    summary: "Take the lab's root out of where AutoGit has put it",
    input: z.strictObject({ places, dryRun }),
    output: trustOutcomeSchema,
    cli: {
      path: ['certificate', 'untrust'],
      positional: ['places'],
      examples: ['autogit certificate untrust', 'autogit certificate untrust system'],
    },
  }),
  'certificate.root': query({
    summary: 'The root that other devices have to trust, and how each kind of them is told',
    input: nothing,
    output: z.object({
      /** PEM; `null`: nobody needs to be told anything. */
      root: z.string().nullable(),
      fingerprint: z.string().nullable(),
      guides: z.array(z.object({ system: z.string(), steps: z.array(z.string()) })),
    }),
    cli: {
      path: ['certificate', 'root'],
      examples: ['autogit certificate root', 'autogit certificate root --json'],
    },
  }),
  'certificate.share': command({
    summary: 'Show other devices a page with the root and instructions, for some minutes',
    input: z.strictObject({
      minutes: z.int().min(0).max(240).default(30).describe('so long; 0: no longer'),
      dryRun,
    }),
    output: outcomeSchema.extend({
      /** Without TLS, as nobody trusts the lab yet; it shows nothing secret. `null`: it is not shared. */
      url: z.string().nullable(),
      until: instant.nullable(),
      /** Rows of a QR code of the address, '1' for dark. */
      qr: z.array(z.string()),
    }),
    cli: {
      path: ['certificate', 'share'],
      examples: ['autogit certificate share', 'autogit certificate share --minutes 0'],
    },
  }),
};
