// What Authelia would refuse of its configuration, as it will be started: AutoGit's, or the one that a person keeps.
import { at, has, parseYaml, readSetup } from '../authelia/document.ts';
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

interface Environment {
  readonly variables: Readonly<Record<string, string>>;
  /** Whether there can be no others: from a file, another service, or a Compose file that cannot be read. */
  readonly isWhole: boolean;
}

/** Variables of Authelia's container, in either of Compose's ways to write them. */
function environmentIn(compose: string): Environment {
  try {
    const service = at(parseYaml(compose), 'services.authelia');
    const isWhole = service !== undefined && !has(service, 'env_file') && !has(service, 'extends');
    return { variables: variablesOf(at(service, 'environment')), isWhole };
  } catch {
    // Compose says more about a file that cannot be read.
    return { variables: {}, isWhole: false };
  }
}

function variablesOf(environment: unknown): Readonly<Record<string, string>> {
  if (Array.isArray(environment))
    return Object.fromEntries(
      environment.map((line) => {
        const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(String(line)) ?? [];
        return [name, value] as const;
      }),
    );
  const entries = typeof environment === 'object' && environment !== null ? Object.entries(environment) : [];
  return Object.fromEntries(entries.map(([name, value]) => [name, String(value)]));
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

/** Whether Authelia is started with other files beside. */
function readsMore(variables: Environment['variables']): boolean {
  return (variables['X_AUTHELIA_CONFIG'] ?? '').includes(',');
}

/** Lines of Authelia's template filter that are no YAML: `{{- range … }}`. */
const filterLine = /^\s*\{\{-?\s*(?:if|range|with|else|end|define|block|\/\*|\$)/m;

function unreadable({ content, whose }: Effective, why: string, isOpen: boolean): Finding {
  return whose === 'kept' && filterLine.test(content)
    ? finding('warning', {
        what: `the file is no YAML before Authelia fills it in, so that nothing of it could be checked: ${why}`,
        next: 'See what Authelia says of it: autogit stack logs authelia.',
      })
    : finding(isOpen ? 'warning' : 'error', { what: `the file is no YAML: ${why}`, next: 'Correct it.' });
}

export const checkAutheliaRules = withStack((stack, { present }) => {
  const configuration = effective(configurationFile, stack, present);
  const compose = effective('compose.yaml', stack, present);
  if (configuration === null || compose === null) return [];
  const { variables, isWhole } = environmentIn(compose.content);
  // What nobody has decided about may still be replaced, and settings that are missing may stand in a second file.
  const isOpen = configuration.whose === 'open' || compose.whose === 'open' || readsMore(variables);
  const read = readSetup(configuration.content, variables, isWhole);
  if (!read.ok) return [unreadable(configuration, read.why, isOpen)];
  return judgeAuthelia(read.setup).map(({ severity, ...broken }) =>
    finding(isOpen ? 'warning' : severity, broken),
  );
});
