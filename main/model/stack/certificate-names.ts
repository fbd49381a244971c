// Whether a certificate is for a name.

/** `*.lab.home.arpa` is for one more label, and only there. https://www.rfc-editor.org/rfc/rfc9525#section-6.3 */
export function covers(names: readonly string[], wanted: string): boolean {
  const name = wanted.toLowerCase();
  const [, ...rest] = name.split('.');
  const parent = `*.${rest.join('.')}`;
  return names
    .map((one) => one.toLowerCase())
    .some((one) => one === name || (one === parent && !name.startsWith('*')));
}
