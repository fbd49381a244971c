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
