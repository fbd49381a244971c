// What Authelia would refuse of its configuration, as it will be started: AutoGit's, or the one that a person keeps.
import { parse } from 'yaml';
import { at, list, readSetup } from '../authelia/document.ts';
import { judgeAuthelia } from '../authelia/index.ts';
import type { Finding } from '../hardware/check.ts';
import { isKeptAgainstAny } from '../../model/stack/kept.ts';
import type { RenderedStack, StackPresent } from '../../model/stack/stack.ts';
import { withStack } from './check.ts';

const configurationFile = 'authelia/configuration.yml';

interface Effective {
  readonly content: string;
  /** `open`: a person has changed it, and nobody has decided yet whether it stays. */
  readonly whose: 'ours' | 'kept' | 'open';
}

/** A file as it will be read at the next start. */
function effective(path: string, stack: RenderedStack, present: StackPresent | null): Effective | null {
  const own = stack.files.find((file) => file.path === path);
  if (own === undefined) return null;
  const there = present?.files?.find((file) => file.path === path);
  const written = present?.written[path];
  if (there === undefined || written === undefined || there.hash === written)
    return { content: own.content, whose: 'ours' };
  return { content: there.content, whose: isKeptAgainstAny(written, there.hash) ? 'kept' : 'open' };
}

/** Variables of Authelia's container, in either of Compose's ways to write them. */
function environmentIn(compose: string): Readonly<Record<string, string>> {
  try {
    const variables = at(parse(compose, { maxAliasCount: 0 }), 'services.authelia.environment');
    if (Array.isArray(variables))
      return Object.fromEntries(
        list({ variables }, 'variables').map((line) => {
          const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(String(line)) ?? [];
          return [name, value] as const;
        }),
      );
    const entries = typeof variables === 'object' && variables !== null ? Object.entries(variables) : [];
    return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
  } catch {
    // Compose says more about a file that cannot be read.
    return {};
  }
}

function finding(severity: Finding['severity'], { what, next }: { what: string; next: string }): Finding {
  return {
    key: 'stack.authelia-refuses',
    severity,
    subject: configurationFile,
    message:
      severity === 'error'
        ? `Authelia would not start, or not let anybody in: ${what}.`
        : `Something of Authelia would not work: ${what}.`,
    next: `${next} AutoGit's own: autogit stack up --replace ${configurationFile}`,
    evidence: [`${configurationFile}: ${what}`],
  };
}

export const checkAutheliaRules = withStack((stack, { present }) => {
  const configuration = effective(configurationFile, stack, present);
  const compose = effective('compose.yaml', stack, present);
  if (configuration === null || compose === null) return [];
  // What nobody has decided about may still be replaced.
  const isOpen = configuration.whose === 'open' || compose.whose === 'open';
  const read = readSetup(configuration.content, environmentIn(compose.content));
  if (!read.ok)
    return [
      finding(isOpen ? 'warning' : 'error', {
        what: `the file is no YAML: ${read.why}`,
        next: 'Correct it.',
      }),
    ];
  return judgeAuthelia(read.setup).map(({ severity, ...broken }) =>
    finding(isOpen ? 'warning' : severity, broken),
  );
});
