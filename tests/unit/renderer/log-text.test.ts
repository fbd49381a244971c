import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canvases, contrast, cssColour, paintOf, plain } from '../../../renderer/state/log-style.ts';
import { createLogBook } from '../../../renderer/state/log-book.ts';
import type { LogBook } from '../../../renderer/state/log-book.ts';
import type { LogLine } from '../../../renderer/state/log-text.ts';

function read(...parts: readonly string[]): LogBook {
  const book = createLogBook();
  for (const part of parts) book.append(part);
  return book;
}

const linesOf = (book: LogBook): readonly LogLine[] =>
  Array.from({ length: book.count }, (_, index) => book.line(index));
const shown = (book: LogBook): readonly string[] =>
  linesOf(book).map((line) => line.map(({ text }) => text).join(''));
const texts = (book: LogBook): readonly string[] =>
  Array.from({ length: book.count }, (_, index) => book.text(index));

describe('a log as lines', () => {
  it('is split at line ends, with the last line as far as it has come', () => {
    expect(texts(read('a\nb\n\nc'))).toEqual(['a', 'b', '', 'c']);
    expect(texts(read('a\r\nb\r\n'))).toEqual(['a', 'b']);
    expect(texts(read(''))).toEqual([]);
  });

  it('has colours as styles', () => {
    expect(linesOf(read('\u001b[32;1mok\u001b[0m done \u001b[91mbad\n'))).toEqual([
      [
        { text: 'ok', style: { ...plain, ink: 'green', bold: true } },
        { text: ' done ', style: plain },
        { text: 'bad', style: { ...plain, ink: 'red' } },
      ],
    ]);
  });

  it.each([
    ['38;5;1', { ink: 'red' }],
    ['38;5;9', { ink: 'red' }],
    ['38;5;196', { ink: '#ff0000' }],
    ['38;5;244', { ink: '#808080' }],
    ['38;2;1;20;255', { ink: '#0114ff' }],
    ['38:2:1:20:255', { ink: '#0114ff' }],
    ['48;5;22', { ground: '#005f00' }],
    ['44;1', { ground: 'blue', bold: true }],
    ['3;4;9', { italic: true, underline: true, struck: true }],
    ['7', { reversed: true }],
    ['38;5;300', {}],
    ['38;9;1', { bold: true }],
  ])('knows the colour of ESC[%sm', (parameters, style) => {
    expect(linesOf(read(`\u001b[${parameters}mx\n`))).toEqual([
      [{ text: 'x', style: { ...plain, ...style } }],
    ]);
  });

  it('carries a style on to the next line, also out of what was written over or cut', () => {
    const [, second] = linesOf(read('\u001b[33mone\ntwo\u001b[39m\n'));
    expect(second).toEqual([{ text: 'two', style: { ...plain, ink: 'yellow' } }]);
    const [, after] = linesOf(read('\u001b[33m10 %\r20 %\nnext\n'));
    expect(after).toEqual([{ text: 'next', style: { ...plain, ink: 'yellow' } }]);
    const [, last] = linesOf(read(`\u001b[31m${'x'.repeat(70_000)}\u001b[0m\nnext\n`));
    expect(last).toEqual([{ text: 'next', style: plain }]);
  });

  it.each([
    ['what moves the cursor', 'a\u001b[2K\u001b[10;10Hb', 'ab'],
    ['links', '\u001b]8;;http://x.test\u0007text\u001b]8;;\u0007', 'text'],
    ['a half escape at the end', 'text\u001b[', 'text'],
    ['what would be invisible', 'a\u0000b\u0007c', 'abc'],
    ['what would turn the text around', 'a\u202eb\u2066c', 'abc'],
  ])('drops %s', (_, given, left) => {
    expect(texts(read(`${given}\n`))).toEqual([left]);
  });

  it('shows what a progress bar has written last', () => {
    expect(texts(read('10 %\r50 %\r100 %\n'))).toEqual(['100 %']);
  });

  it('keeps tabs, markup and signs of any script as text', () => {
    const line = '<b>a</b>\t&amp; <script>alert(1)</script> שלום 👩‍👩‍👧 漢';
    expect(texts(read(`${line}\n`))).toEqual([line]);
  });

  it('cuts lines that nobody can read where they are shown, says so, and halves no character', () => {
    const book = read(`${'x'.repeat(3_999)}👩${'y'.repeat(60_000)}\n`);
    const [line = ''] = shown(book);
    expect(line).toContain('60,002 more characters');
    expect(line.isWellFormed()).toBe(true);
    expect(book.text(0)).toHaveLength(64_001);
  });

  it('is the same line for as long as nothing has changed in it', () => {
    const book = read('a\nb');
    const [first, second] = linesOf(book);
    book.append('c\n');
    expect(book.line(0)).toBe(first);
    expect(book.line(1)).not.toBe(second);
  });
});

const piece = fc.oneof(
  fc.string(),
  fc.constantFrom('\n', '\r\n', '\r', '\u001b[31m', '\u001b[0m', '\u001b[2K', '\u001b[48;5;9m'),
  fc.constantFrom('section_end:1:x\r\u001b[0K', 'section_start:1:x[collapsed=true]\r\u001b[0K'),
  fc.constantFrom('2026-01-02T03:04:05.000000Z 00O ', '2026-01-02T03:04:05.000000Z 00E+'),
);
const anyLog = fc.array(piece).map((pieces) => pieces.join(''));

describe('any log', () => {
  it('is the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(60)), (text, cuts) => {
        const parts: string[] = [];
        let rest = text;
        for (const cut of cuts) {
          parts.push(rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        const pieces = read(...parts, rest);
        const whole = read(text);
        expect(linesOf(pieces)).toEqual(linesOf(whole));
        expect(pieces.sections).toEqual(whole.sections);
      }),
    );
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(anyLog, (text) => {
        for (const line of [...texts(read(text)), ...shown(read(text))])
          expect(line).not.toMatch(/(?!\t)\p{Cc}/u);
      }),
    );
  });

  it('has sections that lie within one another, each after its header', () => {
    fc.assert(
      fc.property(anyLog, (text) => {
        const { sections, count } = read(`${text}\n`);
        for (const { header, end, parent } of sections) {
          const outer = parent === null ? { header: -1, end: null } : sections[parent];
          expect(header).toBeLessThan(count);
          expect(end ?? count).toBeGreaterThan(header);
          expect(header).toBeGreaterThanOrEqual(outer?.header ?? 0);
          expect(end ?? count).toBeLessThanOrEqual(outer?.end ?? count);
        }
      }),
    );
  });

  it('loses no letter of plain text', () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[\w <>&"'äß漢]*$/)), (lines) => {
        const text = lines.map((line) => `${line}\n`).join('');
        expect(texts(read(text))).toEqual(lines.map((line) => stripVTControlCharacters(line)));
      }),
    );
  });
});

describe('the colours of a log', () => {
  it('can be read in light and in dark, whatever they are', () => {
    const part = fc.integer({ min: 0, max: 255 });
    fc.assert(
      fc.property(part, part, part, (...rgb) => {
        const hex = `#${rgb.map((one) => one.toString(16).padStart(2, '0')).join('')}` as const;
        const [, light = '', dark = ''] = /^light-dark\((#\w{6}), (#\w{6})\)$/.exec(cssColour(hex)) ?? [];
        expect(contrast(light, canvases.light)).toBeGreaterThanOrEqual(4.5);
        expect(contrast(dark, canvases.dark)).toBeGreaterThanOrEqual(4.5);
      }),
    );
  });

  it('stay as they are where they can be read', () => {
    expect(cssColour('#0000cc')).toMatch(/^light-dark\(#0000cc, /);
    expect(cssColour('#ffcc00')).toMatch(/, #ffcc00\)$/);
    expect(cssColour('green')).toBe('var(--ink-green)');
  });

  it('never stand on a ground that hides them', () => {
    expect(paintOf({ ...plain, ink: 'red', ground: 'red' })).toEqual({ front: 'canvas', back: 'red' });
    expect(paintOf({ ...plain, reversed: true })).toEqual({ front: 'canvas', back: 'text' });
    expect(paintOf({ ...plain, ink: 'green', reversed: true })).toEqual({ front: 'canvas', back: 'green' });
  });
});
