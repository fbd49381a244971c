// Authelia's rules: the rendered configuration keeps them all, and each is noticed when it is broken.
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { readSetup } from '../../../main/checks/authelia/document.ts';
import { autheliaRules, judgeAuthelia } from '../../../main/checks/authelia/index.ts';
import type { BrokenRule } from '../../../main/checks/authelia/index.ts';
import { isDuration } from '../../../main/checks/authelia/setting-rules.ts';
import { settingOf } from '../../../main/checks/authelia/variables.ts';
import type { RenderedStack } from '../../../main/model/stack/stack.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import {
  acceptedSetups,
  brokenEnvironment,
  brokenSetups,
  brokenText,
  rulesWithoutExample,
} from '../../fakes/broken-authelia.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

const directory = {
  ...{ kind: 'ldap', address: 'ldaps://ldap.example.net', baseDn: 'dc=example,dc=net' },
  user: 'cn=reader,dc=example,dc=net',
};

function render(change: Readonly<Record<string, unknown>> = {}): RenderedStack {
  const rendering = renderStack({
    ...{ answers: someAnswers(change), templates: bundledTemplates(), facts: someFacts() },
  });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  return rendering.stack;
}

const composeSchema = z.object({
  services: z.object({ authelia: z.object({ environment: z.record(z.string(), z.string()) }) }),
});

function partsOf({ files }: RenderedStack) {
  const contentOf = (path: string): string => files.find((one) => one.path === path)?.content ?? '';
  return {
    text: contentOf('authelia/configuration.yml'),
    environment: composeSchema.parse(parse(contentOf('compose.yaml'))).services.authelia.environment,
  };
}

const onFile = partsOf(render());
const inDirectory = partsOf(render({ directory }));

function judge(text: string, environment: Readonly<Record<string, string>>): readonly BrokenRule[] {
  const read = readSetup(text, environment);
  if (!read.ok) throw new Error(read.why);
  return judgeAuthelia(read.setup);
}

/** Every line twice the one before it. */
function grown(lines: number): string {
  return Array.from({ length: lines }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join('');
}

describe("Authelia's rules", () => {
  it('are all kept by what is rendered', () => {
    for (const { text, environment } of [onFile, inDirectory]) expect(judge(text, environment)).toEqual([]);
  });

  it.each(brokenSetups)('notice what breaks $rule', (broken) => {
    const { text, environment } = broken.directory === true ? inDirectory : onFile;
    const found = judge(brokenText(text, broken), brokenEnvironment(environment, broken));
    expect(found.map(({ id }) => id)).toContain(broken.rule);
    for (const { what, next } of found) expect([what, next].join(' ')).not.toMatch(/undefined|\[object/);
  });

  it.each(acceptedSetups)('have nothing against a start with $title', (accepted) => {
    const found = judge(brokenText(onFile.text, accepted), onFile.environment);
    expect(found.filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it.each(brokenSetups.filter(({ ours, rule }) => ours !== undefined && rule !== 'verification'))(
    'warn only of $rule where Authelia itself would start: $ours',
    (broken) => {
      const { text, environment } = broken.directory === true ? inDirectory : onFile;
      const found = judge(brokenText(text, broken), brokenEnvironment(environment, broken));
      expect(found.map(({ severity }) => severity)).toEqual(found.map(() => 'warning'));
    },
  );

  it('say nothing of redirects to applications and the machine itself, or of none where nobody is sent back', () => {
    const found = acceptedSetups
      .filter(({ title }) => /application|nobody/.test(title))
      .flatMap((accepted) => judge(brokenText(onFile.text, accepted), onFile.environment));
    expect(found).toEqual([]);
  });

  it('refuse no client without a secret that signs in another way, as later versions allow it', () => {
    const signing = onFile.text
      .replace(/client_secret: .*/, "client_secret: ''")
      .replace("'client_secret_basic'", "'private_key_jwt'");
    expect(judge(signing, onFile.environment)).toMatchObject([{ id: 'client-secret', severity: 'warning' }]);
  });

  it('leave to Authelia what only its own filter fills in', () => {
    const filled = '- \'{{ env "CALLBACK" }}\'\n          - "https://gitlab';
    expect(judge(onFile.text.replace('- "https://gitlab', filled), onFile.environment)).toEqual([]);
  });

  it('know what is missing only where all of the environment is known', () => {
    const idsOf = (isWhole: boolean): readonly string[] => {
      const read = readSetup(onFile.text, {}, isWhole);
      return read.ok ? judgeAuthelia(read.setup).map(({ id }) => id) : [read.why];
    };
    expect(idsOf(true)).toEqual(['storage-key', 'oidc-secret']);
    expect(idsOf(false)).toEqual([]);
  });

  it.each([
    ['contains itself', 'a: &a\n  b: *a\n'],
    ['names itself in a list', 'a: &a [*a]\n'],
    ['grows without end', `a0: &a0 [x, x]\n${grown(12)}`],
  ])('are not asked about a file that %s', (_, text) => {
    expect(readSetup(text, {}).ok).toBe(false);
  });

  it('are asked about one that names a value hundreds of times', () => {
    expect(readSetup(`a: &a x\nb:\n${'  - *a\n'.repeat(900)}`, {}).ok).toBe(true);
  });

  it('have an example each, and names that are not used twice', () => {
    expect(rulesWithoutExample()).toEqual([]);
    expect(new Set(autheliaRules.map(({ id }) => id)).size).toBe(autheliaRules.length);
  });

  it.each(['15 minutes', '1h30m', '90', '1 day and 2 hours', '1M', '30 days'])(
    'take %j for a duration',
    (value) => {
      expect(isDuration(value)).toBe(true);
    },
  );

  it.each(['an hour', '-5m', '5 fortnights', '0 minutes', 'minutes'])('take %j for none', (value) => {
    expect(isDuration(value)).toBe(false);
  });

  it('know variables by themselves and by files, and no lists', () => {
    expect(settingOf('AUTHELIA_SESSION_SECRET')).toBe('session.secret');
    expect(settingOf('AUTHELIA_SESSION_SECRET_FILE')).toBe('session.secret');
    expect(settingOf('AUTHELIA_THEME')).toBe('theme');
    expect(settingOf('AUTHELIA_THEME_FILE')).toBeNull();
    expect(settingOf('AUTHELIA_SESSION_COOKIES')).toBeNull();
  });
});
