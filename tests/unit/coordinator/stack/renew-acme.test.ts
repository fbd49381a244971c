// Asking for another certificate by ACME now: Traefik is started anew where one is due, and what failed last is said.
import { describe, expect, it } from 'vitest';
import { renewAcme } from '../../../../main/coordinator/stack/acme-check.ts';
import type { RenewContext } from '../../../../main/coordinator/stack/acme-check.ts';
import type { ServedCertificate } from '../../../../main/model/stack/surroundings.ts';
import { renderStack } from '../../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../../fakes/stack-templates.ts';

const day = 86_400_000;
const now = Date.parse('2026-11-22T12:00:00Z');
const email = 'ana@example.net';
const domain = 'lab.example.net';
const failed = `2026-11-21T16:22:16Z ERR Error renewing ACME certificate: {gitlab.${domain} []} error="acme: error: 400 :: urn:ietf:params:acme:error:unauthorized :: No TXT record found" providerName=letsencrypt.acme`;

const certificate = (change: Partial<ServedCertificate> = {}): ServedCertificate => ({
  ...{ subject: `gitlab.${domain}`, issuer: 'R11', names: [`gitlab.${domain}`], fingerprint: 'AB' },
  ...{ from: now - 40 * day, to: now + 50 * day, key: 'EC P-256', ...change },
});

interface Bench {
  readonly certificate?: ServedCertificate | null;
  readonly log?: string;
  readonly server?: string;
}

function bench({ certificate: seen = certificate(), log = '', server }: Bench = {}) {
  const tls = { mode: 'acme-http', email, ...(server === undefined ? {} : { server, ca: '/srv/root.pem' }) };
  const answers = someAnswers({ tls, domain });
  const rendering = renderStack({ answers, templates: bundledTemplates(), facts: someFacts() });
  const restarted: (readonly string[])[] = [];
  const audited: unknown[] = [];
  const door = { url: '', status: 200, location: null, cookies: [], body: '', clockAheadMs: null };
  const context: RenewContext = {
    stack: {
      requireCurrent: () => answers,
      render: async () => ({ rendering }),
      stackLook: {
        lookAtDoor: async () => ({ ...door, certificate: seen }),
        logOf: async () => log,
        restart: async (services) => void restarted.push(services),
      },
    },
    clock: { now: () => now },
    store: { audit: (entry) => void audited.push(entry) },
    door: 'cli',
  };
  return { context, restarted, audited };
}

describe('a certificate that is asked for now', () => {
  it('is not asked for while the present one holds long, and its end is said', async () => {
    const { context, restarted, audited } = bench();
    const { message, actions } = await renewAcme(context, false);
    expect(message).toContain('holds until 2027-01-11');
    expect([actions, restarted, audited]).toEqual([[], [], []]);
  });

  it.each([
    ['when it ends within a month', { certificate: certificate({ to: now + 20 * day }) }],
    ['when Traefik has none but its own', { certificate: certificate({ subject: 'TRAEFIK DEFAULT CERT' }) }],
    ['when nothing answers', { certificate: null }],
    ['of an authority whose terms nobody knows', { server: 'https://ca.lab.home.arpa/directory' }],
  ])('has Traefik started anew, once, %s', async (_, given) => {
    const { context, restarted, audited } = bench(given);
    const done = await renewAcme(context, false);
    expect(restarted).toEqual([['traefik']]);
    expect(audited).toMatchObject([{ request: 'certificate.renew', outcome: 'done' }]);
    expect(done.next).toContain('autogit certificate list');
  });

  it('is only told of in a dry run', async () => {
    const { context, restarted, audited } = bench({ certificate: certificate({ to: now + day }) });
    const { actions, dryRun } = await renewAcme(context, true);
    expect(actions).toMatchObject([{ kind: 'restart-traefik', reason: 'the certificate is due' }]);
    expect([dryRun, restarted, audited]).toEqual([true, [], []]);
  });

  it('has it said why it failed last, also where Traefik has none but its own', async () => {
    const due = bench({ certificate: certificate({ to: now + day }), log: failed });
    expect((await renewAcme(due.context, true)).message).toContain('Last time: ');
    const own = certificate({ subject: 'TRAEFIK DEFAULT CERT', names: ['abc.traefik.default'] });
    const lacking = bench({ certificate: own, log: failed });
    expect((await renewAcme(lacking.context, true)).message).toContain('Last time: ');
    const mended = bench({ certificate: certificate({ from: now - 3_600_000, to: now + day }), log: failed });
    expect((await renewAcme(mended.context, true)).message).not.toContain('Last time');
  });
});
