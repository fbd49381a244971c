import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { bareOutputs, evaluate, holds, renderText } from '../../../main/templates/liquid.ts';

const scope = {
  lab: { port: 2222, path: '/srv/my lab/$HOME', none: null },
  list: ['a', 'b'],
  empty: [],
  has: { mail: true, registry: false },
};

/** Any text, the hostile ones more often than chance would bring them. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.stringMatching(/^['"\\#{}$%:\n -]{0,12}$/),
  fc.constantFrom(
    '${HOME}',
    '$$',
    '#{system}',
    "'; system('x'); '",
    '{{ x }}',
    '\u2028',
    '\u0085',
    'a\nb: c',
    '- x',
    '!!js/function x',
  ),
);
const oneLine = anyText.filter((text) => !/[\p{Cc}\p{Zl}\p{Zp}\p{Cs}]/u.test(text));

describe('a template text', () => {
  it('writes values through the filter of the syntax', () => {
    expect(renderText('{{ lab.path | json }} {{ lab.path | ruby }} {{ lab.port | word }}', scope)).toBe(
      `"/srv/my lab/$HOME" '/srv/my lab/$HOME' 2222`,
    );
  });

  it('doubles the dollar in a file that Compose reads', () => {
    expect(renderText('{{ lab.path | json }}', scope, 'compose')).toBe('"/srv/my lab/$$HOME"');
  });

  it.each([
    ['a value without a filter', '{{ lab.path }}', /has no filter/],
    [
      'one in a branch that is not reached',
      '{% if has.registry %}{{ lab.path }}{% endif %}',
      /has no filter/,
    ],
    ["Liquid's own way around the last filter", '{{ lab.path | raw }}', /has no filter|undefined filter/],
    ['a filter of another syntax after the first', '{{ lab.path | json | ruby }}', /follows the filter/],
    ['a variable that is not there', '{{ lab.missing | json }}', /undefined variable/],
    ['a filter that is not there', '{{ lab.path | html | json }}', /undefined filter/],
    ['a property that every object has', '{{ lab.constructor | json }}', /undefined variable/],
    ['another file', "{% include 'x' %}", /not found/],
    ['another file, rendered', "{% render 'x' %}", /not found/],
    ['a layout', "{% layout 'x' %}", /not found/],
    ['an echo', '{% echo lab.path %}', /not found/],
    ['the clock', "{{ 'now' | date: '%s' | json }}", /undefined filter/],
    ['chance', '{{ list | sample | json }}', /undefined filter/],
    ['a text where a word belongs', '{{ lab.path | word }}', /can not be written/],
  ])('refuses %s', (_, text, message) => {
    expect(() => renderText(text, scope)).toThrow(message);
  });

  it('ends a loop that would not end', () => {
    expect(() => renderText('{% for i in (1..10000000) %}{{ i | word }}{% endfor %}', scope)).toThrow(
      /limit/,
    );
  });

  it('leaves what is raw as it is', () => {
    expect(renderText('{% raw %}{{ secret "/run/secrets/x" }}{% endraw %}', scope)).toBe(
      '{{ secret "/run/secrets/x" }}',
    );
  });

  it('has nothing for the first of an empty list, and can ask for it', () => {
    expect(renderText('{% assign f = empty | first %}{% if f %}yes{% else %}no{% endif %}', scope)).toBe(
      'no',
    );
  });

  it('names every output that no filter closes', () => {
    expect(bareOutputs('{% if a %}{{ x }}{% endif %}{{ y | json }}{% raw %}{{ z }}{% endraw %}')).toEqual([
      '{{ x }}',
    ]);
  });

  it('evaluates expressions as values', () => {
    expect(evaluate('lab.port', scope)).toBe(2222);
    expect(holds('has.mail and lab.port == 2222', scope)).toBe(true);
    expect(holds('has.registry', scope)).toBe(false);
    expect(holds('lab.none', scope)).toBe(false);
    expect(holds(undefined, scope)).toBe(true);
    expect(() => holds('has.nothing', scope)).toThrow(/undefined variable/);
  });
});

describe('no value can leave its place', () => {
  it('in YAML, whichever version reads it', () => {
    fc.assert(
      fc.property(oneLine, (value) => {
        const text = renderText('key: {{ value | json }}\nnext: 1\n', { value });
        expect(parse(text, { schema: 'core' })).toEqual({ key: value, next: 1 });
        expect(parse(text, { schema: 'yaml-1.1' })).toEqual({ key: value, next: 1 });
      }),
    );
  });

  it('in a Compose file, once its dollars are read', () => {
    fc.assert(
      fc.property(oneLine, (value) => {
        const text = renderText('{{ value | json }}', { value }, 'compose');
        expect(text.replaceAll('$$', '')).not.toContain('$');
        expect(JSON.parse(text.replaceAll('$$', () => '$'))).toBe(value);
      }),
    );
  });

  it('in a string of Ruby', () => {
    fc.assert(
      fc.property(oneLine, (value) => {
        const text = renderText('{{ value | ruby }}', { value });
        const inner = /^'((?:[^'\\]|\\['\\])*)'$/su.exec(text)?.[1];
        expect(inner?.replaceAll(/\\(['\\])/g, '$1')).toBe(value);
      }),
    );
  });

  it('in a Corefile and as a word: what could mean more is refused', () => {
    fc.assert(
      fc.property(anyText, fc.constantFrom('corefile', 'word'), (value, filter) => {
        let text = '';
        try {
          text = renderText(`{{ value | ${filter} }}`, { value });
        } catch {
          return;
        }
        expect(text).toBe(value);
        expect(text).toMatch(/^[^\s{}"'`\\#]+$/u);
      }),
    );
  });

  it('in a comment', () => {
    fc.assert(
      fc.property(anyText, (value) => {
        expect(renderText('{{ value | comment }}', { value })).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u);
      }),
    );
  });

  it.each([
    ['a line break', 'a\nb'],
    ['half a letter', '\ud800'],
  ])('in Ruby, %s is refused', (_, value) => {
    expect(() => renderText('{{ value | ruby }}', { value })).toThrow(/can not be written/);
  });
});
