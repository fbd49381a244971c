// Files of a stack's folder that no template renders: the root to trust, and the certificate that Traefik serves.

/** Root that GitLab, runners and AutoGit trust besides the public ones. */
export const rootFile = 'ca.crt';

/**
 * Tells Traefik which pair of certificate and key to serve. Traefik reads it anew when it changes, and with it the files
 * that it names: so each pair has a folder of its own, and this file changes last.
 */
export const servedFile = 'traefik/dynamic/certificate.yml';

/** Where Traefik finds the folder `tls`. */
const tlsInside = '/etc/traefik/tls';

/** The files of one pair, by the fingerprint that is the name of its folder. */
export function pairFiles(fingerprint: string): { readonly certificate: string; readonly key: string } {
  return { certificate: `tls/${fingerprint}/certificate.pem`, key: `tls/${fingerprint}/key.pem` };
}

/** Fingerprint of the pair that a certificate's path belongs to; `null`: it is no such path. */
export function pairOf(path: string): string | null {
  return /^tls\/([^/]+)\/certificate\.pem$/.exec(path)?.[1] ?? null;
}

/** Never read where the folder is read: it is in no plan, no diff, no archive. */
export function isKeyFile(path: string): boolean {
  return /^tls\/(?:[^/]+\/)*[^/]*key[^/]*$/.test(path);
}

/** What the step `secrets` makes, and renewals replace. */
export function isMade(path: string): boolean {
  return path === rootFile || path === servedFile || path.startsWith('tls/');
}

/** https://doc.traefik.io/traefik/reference/routing-configuration/http/tls/tls-certificates/ */
export function servedText(fingerprint: string): string {
  return `# The certificate that Traefik serves. AutoGit puts another folder here when it has renewed it; what you change stays yours.
tls:
  stores:
    default:
      defaultCertificate:
        certFile: ${tlsInside}/${fingerprint}/certificate.pem
        keyFile: ${tlsInside}/${fingerprint}/key.pem
`;
}

/** Fingerprint of the pair that a text like the above names; `null`: none. */
export function servedPair(text: string): string | null {
  return /^\s*certFile: \/etc\/traefik\/tls\/([0-9a-f]+)\/certificate\.pem$/m.exec(text)?.[1] ?? null;
}
