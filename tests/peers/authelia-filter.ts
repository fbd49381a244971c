// Authelia's own template filter, as much of it as our files use, for the tests that have no Authelia.

const secretPath = String.raw`secret "/run/secrets/([a-z0-9-]+)"`;
const inline = new RegExp(String.raw`\{\{ ${secretPath} \}\}`, 'g');
const block = new RegExp(String.raw`\s*\{\{- ${secretPath} \| nindent (\d+) \}\}`, 'g');

/** Puts secrets where the file asks for them. https://www.authelia.com/reference/guides/templating/ */
export function filterAuthelia(text: string, secretOf: (name: string) => string): string {
  const indented = (name: string, count: number): string =>
    secretOf(name)
      .trimEnd()
      .split('\n')
      .map((line) => `\n${' '.repeat(count)}${line}`)
      .join('');
  return text
    .replaceAll(block, (_whole, name: string, count: string) => indented(name, Number(count)))
    .replaceAll(inline, (_whole, name: string) => secretOf(name).trimEnd());
}
