// A root that has to be trusted besides the public ones: who gets it, and whom another one starts anew.
import { describe, expect, it } from 'vitest';
import type { RenderedStack } from '../../../main/model/stack/stack.ts';
import { renderStack } from '../../../main/templates/render-stack.ts';
import { bundledTemplates, someAnswers, someFacts } from '../../fakes/stack-templates.ts';

function render(tls: Readonly<Record<string, unknown>>): RenderedStack {
  const rendering = renderStack({
    ...{ answers: someAnswers({ tls }), facts: someFacts(), templates: bundledTemplates() },
  });
  if (!rendering.ok) throw new Error(JSON.stringify(rendering.problems));
  return rendering.stack;
}

const own = { mode: 'own', certificate: '/srv/cert.pem', key: '/srv/key.pem' };
const composeOf = ({ files }: RenderedStack): string =>
  files.find(({ path }) => path === 'compose.yaml')?.content ?? '';
const readersOf = ({ services }: RenderedStack): readonly string[] =>
  services.filter(({ readsRoot }) => readsRoot === true).map(({ name }) => name);

describe('a root of its own', () => {
  it.each([
    ['of the lab', { mode: 'local-ca' }],
    ['of the person', { ...own, ca: '/srv/root.pem' }],
  ])('%s is given to GitLab, which reads it at its start alone', (_, tls) => {
    const stack = render(tls);
    expect(composeOf(stack)).toContain('./ca.crt');
    expect(readersOf(stack)).toEqual(['gitlab']);
  });

  it('is not looked for where the certificate leads to a public one', () => {
    const stack = render(own);
    expect(composeOf(stack)).not.toContain('ca.crt');
    expect(readersOf(stack)).toEqual([]);
  });

  it('is named by a whole path', () => {
    const answers = someAnswers({ tls: { ...own, ca: 'root.pem' } });
    expect(answers.tls).toMatchObject({ ca: 'root.pem' });
    const rendering = renderStack({ answers, facts: someFacts(), templates: [] });
    expect(rendering.ok ? [] : rendering.problems.map(({ field }) => field)).toContain('tls.ca');
  });
});

describe("Traefik's part of the stack", () => {
  it.each([{ mode: 'local-ca' }, own])(
    'has all pairs of certificate and key, and no secret for them (%#)',
    (tls) => {
      const stack = render(tls);
      const traefik = stack.services.find(({ name }) => name === 'traefik');
      expect(traefik?.secrets).toEqual([]);
      expect(composeOf(stack)).toContain('source: ./tls');
      expect(
        stack.files.some(({ path }) => path.startsWith('tls/') || path.endsWith('/certificate.yml')),
      ).toBe(false);
    },
  );
});
