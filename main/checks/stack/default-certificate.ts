// Traefik's own certificate, which it shows where it has none for a name.
import { isDefaultCertificate } from '../../model/stack/acme.ts';
import { withStack } from './check.ts';

const hints = {
  'local-ca':
    "The files of the lab's certificate are not read: autogit stack logs traefik; then autogit stack up",
  own: "Your certificate's files are not read, or are for other names: autogit stack logs traefik",
  acme: "Traefik got no certificate: autogit stack logs traefik. Look for the provider's token, the limit of Let's Encrypt (staging: true for tries), the way to port 80, and a storage file that others may read (it must be 0600).",
} as const;

export const checkDefaultCertificate = withStack((stack, { around: { doors } }) =>
  doors
    .filter(({ certificate }) => certificate !== null && isDefaultCertificate(certificate))
    .map(({ url }) => {
      const { mode } = stack.answers.tls;
      return {
        key: 'stack.certificate-default',
        severity: 'error' as const,
        subject: url,
        message: `At ${url} Traefik shows the certificate that it makes for want of any: nobody trusts it.`,
        next: hints[mode === 'local-ca' || mode === 'own' ? mode : 'acme'],
        evidence: ['Certificate: TRAEFIK DEFAULT CERT'],
      };
    }),
);
