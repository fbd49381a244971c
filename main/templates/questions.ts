// What a person is asked for a stack, with the defaults that this machine suggests.
import { ask, choice } from './ask.ts';
import { authorityQuestion, providerChoices, providerOptions } from './acme-questions.ts';
import { directoryQuestions } from './directory-questions.ts';
import { gibibytes, sizesOf, suitablePreset } from './presets.ts';
import { oidcQuestions } from './oidc-questions.ts';
import { inOrder } from './select.ts';
import { presets, stackAnswersSchema } from '../model/stack/answers.ts';
import type { Preset } from '../model/stack/answers.ts';
import type { Asked, AskedPreset, StackQuestions } from '../model/stack/questions.ts';
import type { StackFacts } from '../model/stack/stack.ts';
import type { Template, TemplateSource } from '../model/stack/template.ts';

/** The three decisions, every other answer with its default, the presets in GB of this machine, the templates. */
export function stackQuestions(templates: readonly TemplateSource[], facts: StackFacts): StackQuestions {
  const memory = gibibytes(facts.memoryBytes);
  return {
    decisions: [...decisions()],
    settings: [...settings(facts)],
    presets: presets.map((preset) => presetOf(preset, facts)),
    templates: inOrder(templates).map(({ manifest, origin }) => ({
      ...{ id: manifest.id, title: manifest.title, description: manifest.description, kind: manifest.kind },
      ...{ own: origin === 'own', needs: manifest.needs, provides: manifest.provides },
      ...onlyIfOf(manifest),
      usualMiB: manifest.memory.usualMiB,
      bytes: manifest.images.reduce((sum, { bytes }) => sum + bytes, 0),
      questions: manifest.questions,
    })),
    machine: { memoryGb: memory === null ? null : tenths(memory), threads: facts.threads },
  };
}

/** Of a manifest's `when` the one form that an answer alone decides: `sso == "authelia"`. */
function onlyIfOf({ when = '' }: Template): Pick<StackQuestions['templates'][number], 'onlyIf'> {
  const [, field, value] = /^([A-Za-z][\w.]*) == "([\w-]+)"$/.exec(when) ?? [];
  return field === undefined || value === undefined ? {} : { onlyIf: { field, values: [value] } };
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}

const presetTexts: Readonly<Record<Preset, string>> = {
  minimal: 'One person on a small machine; pages take their time.',
  homelab: 'One person or a family, quick enough for everything. 6 cores and 6 GB are plenty.',
  team: 'A group that works all day, with GitLab watching itself.',
  beast: 'Half of a big machine for GitLab, the other half for jobs.',
};

function presetOf(name: Preset, facts: StackFacts): AskedPreset {
  const sizes = sizesOf(name, facts);
  const memory = gibibytes(facts.memoryBytes);
  const { cpus, pumaWorkers, sidekiqConcurrency, monitoring, kas } = sizes;
  return {
    ...{ name, help: presetTexts[name], suggested: name === suitablePreset(facts) },
    fits: memory === null ? null : sizes.usualMiB / 1_024 <= memory * 0.9,
    ...{ leastGb: tenths(sizes.leastMiB / 1_024), usualGb: tenths(sizes.usualMiB / 1_024) },
    mostGb: tenths(sizes.memoryMiB / 1_024),
    ...{ cpus, pumaWorkers, sidekiqConcurrency, monitoring, kas },
  };
}

function tlsIs(...values: string[]): Pick<Asked, 'onlyIf'> {
  return { onlyIf: { field: 'tls.mode', values } };
}

function decisions(): readonly Asked[] {
  return [
    ask(
      ['lab', 'Name of the lab', 'A short word of small letters. GitLab will be at gitlab.<lab>.home.arpa.'],
      'text',
      'lab',
    ),
    ask(
      ['data', 'Where data lives', 'A folder on the disk with room: repositories, database, uploads.'],
      'text',
      null,
    ),
    choice(['tls.mode', 'Certificates', 'How browsers and git know that it is your lab.'], 'local-ca', [
      ['local-ca', 'Of this lab', 'Works everywhere at once; each device is told once to trust it.'],
      ['own', 'Your own', 'Two files that you have: certificate and key.'],
      ['acme-dns', "Let's Encrypt by DNS", 'For a domain of yours whose provider lets AutoGit make records.'],
      [
        'acme-http',
        "Let's Encrypt by HTTP",
        'For a domain of yours that reaches port 80 of this machine from outside.',
      ],
    ]),
    ask(
      ['tls.certificate', 'Certificate', 'Path of a PEM file with the certificate and its chain.'],
      'text',
      null,
      tlsIs('own'),
    ),
    ask(['tls.key', 'Key', 'Path of the PEM file with its key.'], 'text', null, tlsIs('own')),
    ask(
      ['tls.email', 'E-mail', "The account at Let's Encrypt has it, for what concerns that."],
      'text',
      null,
      tlsIs('acme-dns', 'acme-http'),
    ),
    choice(['tls.provider', 'DNS provider', 'Who has the records of your domain.'], null, providerChoices(), {
      field: 'tls.mode',
      values: ['acme-dns'],
    }),
    ...providerOptions(true),
    ask(
      [
        'tls.staging',
        'Only a try',
        "Certificates of Let's Encrypt's test authority, which nobody trusts and which have no limits.",
      ],
      'boolean',
      false,
      tlsIs('acme-dns', 'acme-http'),
    ),
  ];
}

/** The schema's own defaults: what is asked and what is taken can not differ. */
const defaults = stackAnswersSchema.parse({ lab: 'lab', data: '/srv/lab', tls: { mode: 'local-ca' } });

function settings(facts: StackFacts): readonly Asked[] {
  return [
    ...place(facts),
    ...oidcQuestions(),
    ...directoryQuestions(),
    ...names(facts),
    ...ports(),
    ...people(),
  ];
}

function place(facts: StackFacts): readonly Asked[] {
  return [
    ask(
      [
        'domain',
        'Domain',
        'All names are below it. Without an answer: <lab>.home.arpa, which belongs to homes.',
      ],
      'text',
      null,
    ),
    ask(
      [
        'tls.ca',
        'Root',
        'Path of a PEM file with the root that your certificate leads to. Without an answer: a public one, or it is in the file of the certificate.',
      ],
      'text',
      null,
      tlsIs('own', 'acme-dns', 'acme-http'),
    ),
    authorityQuestion(),
    ...providerOptions(false),
    ask(
      ['address', 'Address', 'Of this machine in its network, where all names lead.'],
      'text',
      facts.address,
    ),
    ask(
      [
        'address6',
        'IPv6 address',
        'Names lead there, too. Without an answer they lead to the IPv4 address alone: engines show GitLab all who come by IPv6 as one.',
      ],
      'text',
      null,
    ),
    ask(
      [
        'bind',
        'Only on address',
        'Of this machine, for one that is in a public network, too: ports are published there alone. Without an answer: on all.',
      ],
      'text',
      null,
    ),
    choice(
      ['preset', 'Size', 'How much of the machine GitLab may take.'],
      suitablePreset(facts),
      presets.map((name) => [name, name, presetTexts[name]]),
    ),
    choice(['sso', 'Sign-in', 'One account for everything in the lab.'], defaults.sso, [
      ['authelia', 'Authelia', 'One sign-in with a second factor, also for dashboards.'],
      ['oidc', 'Another provider', 'One of OpenID Connect that you have: Keycloak, Okta, authentik, Google.'],
      ['off', "GitLab's own", 'Accounts of GitLab alone.'],
    ]),
  ];
}

function names(facts: StackFacts): readonly Asked[] {
  return [
    choice(['dns.mode', 'Names', 'Who tells devices where the lab is.'], defaults.dns.mode, [
      ['coredns', 'CoreDNS of the lab', 'It answers for the lab and asks others for everything else.'],
      ['own', 'Your name server', 'AutoGit says which records it needs.'],
      ['provider', 'A provider', 'AutoGit makes the records there.'],
    ]),
    ask(
      [
        'dns.upstream',
        'Other name servers',
        "Asked for all other names, with commas between. Without an answer: this machine's own.",
      ],
      'list',
      facts.resolvers.join(', '),
      { onlyIf: { field: 'dns.mode', values: ['coredns'] } },
    ),
    choice(
      ['dns.provider', 'Provider', 'Who has the records of the domain.'],
      null,
      [
        ['cloudflare', 'Cloudflare', 'With a token for the zone.'],
        ['route53', 'Amazon Route 53', 'With an access key.'],
      ],
      { field: 'dns.mode', values: ['provider'] },
    ),
    ask(['dns.zone', 'Zone', 'In which the domain lies.'], 'text', null, {
      onlyIf: { field: 'dns.mode', values: ['provider'] },
    }),
  ];
}

function ports(): readonly Asked[] {
  const { http, https, ssh, dns } = defaults.ports;
  return [
    ask(['ports.https', 'Port for https', 'Another one than 443 is part of every address.'], 'number', https),
    ask(['ports.http', 'Port for http', 'Only leads to https.'], 'number', http),
    ask(['ports.ssh', 'Port for SSH', 'For git over SSH; 22 belongs to this machine.'], 'number', ssh),
    ask(['ports.dns', 'Port for DNS', 'Devices ask on 53 only.'], 'number', dns, {
      onlyIf: { field: 'dns.mode', values: ['coredns'] },
    }),
    choice(['ssh', 'Way of SSH', 'How git over SSH reaches GitLab.'], defaults.ssh, [
      ['direct', 'Direct', 'GitLab has the port.'],
      ['traefik', 'Through Traefik', 'Traefik has the port, as it has all others.'],
    ]),
  ];
}

function people(): readonly Asked[] {
  const { policy, admin } = defaults;
  return [
    ask(['admin.username', 'Your user name', 'Of the first person.'], 'text', admin.username),
    ask(['admin.email', 'Your e-mail', 'Without an answer: <user>@<domain>.'], 'text', null),
    ask(
      ['policy.signUp', 'Sign-up', 'Whether everybody who reaches the lab may make an account.'],
      'boolean',
      policy.signUp,
    ),
    ask(
      ['policy.passwordLength', 'Length of passwords', 'The least number of characters.'],
      'number',
      policy.passwordLength,
    ),
    ask(
      ['policy.sessionDays', 'Days until sign-out', 'Of somebody who does nothing.'],
      'number',
      policy.sessionDays,
    ),
    ask(
      ['policy.defaultBranch', 'First branch', 'Name of the branch that a new project begins with.'],
      'text',
      policy.defaultBranch,
    ),
  ];
}
