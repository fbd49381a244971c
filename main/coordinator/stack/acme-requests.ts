// Requests about providers of certificates.
import type { Output } from '../../contract/contract.ts';
import { acmeProviders } from '../../templates/acme-providers.ts';

/** `certificate.providers`. */
export async function listAcmeProviders(): Promise<Output<'certificate.providers'>> {
  const providers = Object.entries(acmeProviders).map(([id, { title, help, url, checked, fields }]) => ({
    ...{ id, title, help, url, checked },
    fields: fields.map(({ name, label, secret, required, placeholder }) => ({
      ...{ name, label, secret, required, placeholder },
    })),
  }));
  return { providers: providers.toSorted((a, b) => a.title.localeCompare(b.title, 'en')) };
}
