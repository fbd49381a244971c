// Names and addresses that a certificate is for, out of the line in which OpenSSL shows them.

/** Of `DNS:gitlab.lab, IP Address:192.168.1.10, DNS:"a, b"`, as OpenSSL shows them. Names of other kinds are left out. */
export function parseNames(subjectAltName: string): readonly string[] {
  const parts = subjectAltName.matchAll(/(?:^|, )(DNS|IP Address):("(?:[^"\\]|\\.)*"|[^,]*)/g);
  return [...parts].flatMap(([, kind, value = '']) => {
    const name = value.startsWith('"') ? String(JSON.parse(value)) : value;
    return name === '' ? [] : [kind === 'DNS' ? name.toLowerCase() : shortAddress(name)];
  });
}

/** OpenSSL writes every group: `FD00:0:0:0:0:0:0:1`. */
function shortAddress(address: string): string {
  if (!address.includes(':')) return address;
  return new URL(`http://[${address}]`).hostname.slice(1, -1);
}
