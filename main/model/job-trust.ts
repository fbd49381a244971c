// What programs in jobs need to trust an own root besides the public ones: files in their containers, and the names of those.
import type { ContainerFile } from './container-spec.ts';

/** Nobody's images have it. */
export const trustFolder = '/etc/autogit-trust';

const all = `${trustFolder}/roots.pem`;
const own = `${trustFolder}/own.pem`;
const wgetrc = `${trustFolder}/wgetrc`;

/**
 * Programs look into one file in place of their own, so that one has the public roots, too. What a pool, a project or a
 * job says under the same name comes first.
 */
export const trustEnvironment: Readonly<Record<string, string>> = {
  // OpenSSL, and what is made with it; Go; .NET; Ruby; Python's ssl and urllib.
  // https://docs.openssl.org/3.5/man7/openssl-env/ https://pkg.go.dev/crypto/x509#SystemCertPool
  SSL_CERT_FILE: all,
  // https://curl.se/docs/sslcerts.html
  CURL_CA_BUNDLE: all,
  // https://git-scm.com/docs/git-config#Documentation/git-config.txt-httpsslCAInfo
  GIT_SSL_CAINFO: all,
  // https://requests.readthedocs.io/en/latest/user/advanced/#ssl-cert-verification
  REQUESTS_CA_BUNDLE: all,
  // https://pip.pypa.io/en/stable/topics/configuration/#environment-variables
  PIP_CERT: all,
  // https://docs.aws.amazon.com/cli/latest/userguide/cli-configure-envvars.html
  AWS_CA_BUNDLE: all,
  // https://doc.rust-lang.org/cargo/reference/config.html#httpcainfo
  CARGO_HTTP_CAINFO: all,
  // These two trust what is in it besides their own. https://nodejs.org/api/cli.html#node_extra_ca_certsfile
  NODE_EXTRA_CA_CERTS: own,
  DENO_CERT: own,
  // GNU Wget has no variable for the file itself. https://www.gnu.org/software/wget/manual/html_node/Wgetrc-Location.html
  WGETRC: wgetrc,
};

const certificate = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;

function bodyOf(pem: string): string {
  return pem.replaceAll(/-----[A-Z ]+-----|\s/g, '');
}

/** Those certificates of a PEM text that are no public roots; empty: there are none. */
export function ownRoots(pem: string, publicRoots: readonly string[]): string {
  const known = new Set(publicRoots.map(bodyOf));
  const found = (pem.match(certificate) ?? []).filter((one) => !known.has(bodyOf(one)));
  return found.length === 0 ? '' : `${found.join('\n')}\n`;
}

/** The files that `trustEnvironment` names. `roots`: PEM of the own ones. */
export function trustFiles(roots: string, publicRoots: readonly string[]): readonly ContainerFile[] {
  const file = (path: string, content: string): ContainerFile => ({ path, content, mode: 0o444 });
  return [
    file(all, `${publicRoots.map((root) => root.trim()).join('\n')}\n${roots}`),
    file(own, roots),
    file(wgetrc, `ca_certificate = ${all}\n`),
  ];
}
