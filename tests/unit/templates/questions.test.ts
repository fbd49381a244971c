import { describe, expect, it } from 'vitest';
import { stackQuestionsSchema } from '../../../main/model/stack/questions.ts';
import { renderStackQuestions } from '../../../main/cli/render/stack-questions.ts';
import { stackAnswersSchema } from '../../../main/model/stack/answers.ts';
import { stackQuestions } from '../../../main/templates/questions.ts';
import { readAnswers } from '../../../main/templates/read-answers.ts';
import { bundledTemplates, someFacts } from '../../fakes/stack-templates.ts';

const templates = bundledTemplates();
const asked = stackQuestions(templates, someFacts());

describe('the questions of a stack', () => {
  it('are as the schema says', () => {
    expect(stackQuestionsSchema.parse(asked)).toEqual(asked);
  });

  it('are three decisions, and a setting for everything else that can be answered', () => {
    const fields = [...asked.decisions, ...asked.settings].map(({ field }) => field);
    expect(asked.decisions.filter(({ onlyIf }) => onlyIf === null).map(({ field }) => field)).toEqual([
      'lab',
      'data',
      'tls.mode',
    ]);
    const heads = new Set(fields.map((field) => field.split('.')[0]));
    expect(Object.keys(stackAnswersSchema.shape).filter((name) => !heads.has(name))).toEqual([
      'templates',
      'grants',
    ]);
    expect(new Set(fields).size).toBe(fields.length);
  });

  it('suggest what this machine says', () => {
    const suggested = Object.fromEntries(asked.settings.map((one) => [one.field, one.suggested]));
    expect(suggested).toMatchObject({
      preset: 'homelab',
      address: '192.168.1.10',
      'ports.ssh': 2222,
      'dns.upstream': '192.168.1.1',
    });
  });

  it('suggest what can be answered', () => {
    const choices = asked.settings.filter(({ type, suggested }) => type === 'choice' && suggested !== null);
    for (const { choices: offered, suggested } of choices)
      expect(offered.map(({ value }) => value)).toContain(suggested);
    expect(
      readAnswers({ lab: asked.decisions[0]?.suggested, data: '/srv/lab', tls: { mode: 'local-ca' } }).ok,
    ).toBe(true);
  });

  it('tell the presets in GB of this machine, and which of them fit', () => {
    expect(asked.presets.map(({ name, suggested, fits }) => [name, suggested, fits])).toEqual([
      ['minimal', false, true],
      ['homelab', true, true],
      ['team', false, false],
      ['beast', false, false],
    ]);
    expect(asked.presets[1]).toMatchObject({
      leastGb: 3.5,
      usualGb: 4,
      mostGb: 5.5,
      pumaWorkers: 2,
      cpus: 6,
    });
    expect(
      stackQuestions([], someFacts({ memoryBytes: null })).presets.every(({ fits }) => fits === null),
    ).toBe(true);
  });

  it('show each template with its own questions and what it takes', () => {
    expect(asked.templates.map(({ id }) => id)).toEqual([
      'gitlab',
      'traefik',
      'authelia',
      'coredns',
      'mail',
      'registry',
    ]);
    expect(asked.templates.find(({ id }) => id === 'mail')?.questions.map(({ id }) => id)).toContain('host');
    expect(asked.templates[0]?.bytes).toBeGreaterThan(1e9);
  });

  it('say what each template gives and needs, and a terminal shows it', () => {
    const coredns = asked.templates.find(({ id }) => id === 'coredns');
    expect(coredns?.provides).toEqual(['names of the lab for every device that asks it']);
    const text = renderStackQuestions(asked, { width: 200, colour: false, now: 0 });
    expect(text).toContain('It gives: names of the lab for every device that asks it.');
  });
});
