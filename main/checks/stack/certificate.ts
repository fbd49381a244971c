// The certificate that is served: whether it lasts, and whether it is for our names.
import { isEndingSoon } from '../../model/stack/certificate-facts.ts';
import { isDefaultCertificate } from '../../model/stack/acme.ts';
import { covers } from '../../model/stack/certificate-names.ts';
import type { RenderedStack } from '../../model/stack/stack.ts';
import type { DoorAnswer, ServedCertificate } from '../../model/stack/surroundings.ts';
import type { Finding } from '../hardware/check.ts';
import { fixBy, withStack } from './check.ts';

const dayMs = 86_400_000;

function hostOf(url: string): string {
  return /^https?:\/\/([^/:]+)/.exec(url)?.[1] ?? url;
}

function renewal({ answers }: RenderedStack): Pick<Finding, 'next' | 'fix'> {
  switch (answers.tls.mode) {
    case 'local-ca':
      return {
        next: 'Let AutoGit renew it: autogit certificate renew, or autogit doctor --fix',
        fix: fixBy('apply-stack', '', "renews the lab's certificate"),
      };
    case 'own':
      return {
        next: `Put the renewed files at ${answers.tls.certificate} and ${answers.tls.key}: AutoGit serves them within minutes, without a restart.`,
      };
    case 'acme-dns':
    case 'acme-http':
      return {
        next: "Traefik renews it by itself; its log says why it has not: autogit stack logs traefik. Mostly the provider's token or the way to port 80 has changed.",
      };
  }
}

function lastingOf(
  door: DoorAnswer,
  certificate: ServedCertificate,
  stack: RenderedStack,
  now: number,
): readonly Finding[] {
  const { to, subject, issuer } = certificate;
  if (!isEndingSoon(certificate, now)) return [];
  const days = Math.floor((to - now) / dayMs);
  const date = new Date(to).toISOString().slice(0, 10);
  return [
    {
      key: 'stack.certificate-ending',
      severity: to <= now ? 'error' : 'warning',
      subject: hostOf(door.url),
      message:
        to <= now
          ? `The certificate of ${hostOf(door.url)} has ended on ${date}: browsers, git and runners refuse it.`
          : `The certificate of ${hostOf(door.url)} ends in ${days} days and was not renewed.`,
      ...renewal(stack),
      evidence: [`Certificate: ${subject}, by ${issuer}, until ${date}`],
    },
  ];
}

export const checkCertificate = withStack((stack, { around: { doors }, now }) =>
  doors.flatMap((door): readonly Finding[] => {
    const { certificate } = door;
    if (certificate === null || isDefaultCertificate(certificate)) return [];
    const host = hostOf(door.url);
    if (!covers(certificate.names, host))
      return [
        {
          key: 'stack.certificate-names',
          severity: 'error',
          subject: host,
          message: `The certificate that is served for ${host} is not for that name: browsers, git and runners refuse it.`,
          ...renewal(stack),
          evidence: [`Certificate: ${certificate.subject}, for ${certificate.names.join(', ') || 'no name'}`],
        },
      ];
    return lastingOf(door, certificate, stack, now);
  }),
);
