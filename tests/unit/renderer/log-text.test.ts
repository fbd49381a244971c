import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { appendLog, emptyLog, linesOf, plain, textOf } from '../../../renderer/state/log-text.ts';
import type { LogText } from '../../../renderer/state/log-text.ts';

const read = (text: string): LogText => appendLog(emptyLog, text);
const texts = (log: LogText): readonly string[] => linesOf(log).map(textOf);

describe('a log as lines', () => {
  it('is split at line ends, with the last line as far as it has come', () => {
    expect(texts(read('a\nb\n\nc'))).toEqual(['a', 'b', '', 'c']);
    expect(texts(read('a\r\nb\r\n'))).toEqual(['a', 'b']);
    expect(texts(read(''))).toEqual([]);
  });

  it('has colours as styles', () => {
    const [line] = linesOf(read('\u001b[32;1mok\u001b[0m done \u001b[91mbad\n'));
    expect(line).toEqual([
      { text: 'ok', style: { ...plain, ink: 'green', bold: true } },
      { text: ' done ', style: plain },
      { text: 'bad', style: { ...plain, ink: 'red' } },
    ]);
  });

  it('carries a style on to the next line', () => {
    const [, second] = linesOf(read('\u001b[33mone\ntwo\u001b[39m\n'));
    expect(second).toEqual([{ text: 'two', style: { ...plain, ink: 'yellow' } }]);
  });

  it.each([
    ['colours out of 256', '\u001b[38;5;196mred\u001b[0m', 'red'],
    ['colours out of millions', '\u001b[38;2;1;2;3mred\u001b[0m', 'red'],
    ['what moves the cursor', 'a\u001b[2K\u001b[10;10Hb', 'ab'],
    ['links', '\u001b]8;;http://x.test\u0007text\u001b]8;;\u0007', 'text'],
    ['a half escape at the end', 'text\u001b[', 'text'],
    ['what would be invisible', 'a\u0000b\u0007c', 'abc'],
    ['what would turn the text around', 'a\u202eb', 'ab'],
    ["GitLab's sections", 'section_start:1560896352:my_first[collapsed=true]\r\u001b[0KHeader', 'Header'],
    ['the end of a section', 'section_end:1560896353:my_first\r\u001b[0K', ''],
  ])('drops %s', (_, given, shown) => {
    expect(texts(read(`${given}\n`))).toEqual([shown]);
  });

  it('shows what a progress bar has written last', () => {
    expect(texts(read('10 %\r50 %\r100 %\n'))).toEqual(['100 %']);
  });

  it('keeps tabs and markup as text', () => {
    expect(texts(read('<b>a</b>\t&amp;\n'))).toEqual(['<b>a</b>\t&amp;']);
  });

  it('cuts lines that nobody can read, and says so', () => {
    const [line = ''] = texts(read(`${'x'.repeat(70_000)}\n`));
    expect(line.length).toBeLessThan(4_100);
    expect(line).toContain('66,000 more characters');
  });

  const piece = fc.oneof(
    fc.string(),
    fc.constantFrom('\n', '\r\n', '\r', '\u001b[31m', '\u001b[0m', '\u001b[2K', 'section_end:1:x\r\u001b[0K'),
  );
  const anyLog = fc.array(piece).map((pieces) => pieces.join(''));

  it('is the same in whatever pieces it comes', () => {
    fc.assert(
      fc.property(anyLog, fc.array(fc.nat(60)), (text, cuts) => {
        let log = emptyLog;
        let rest = text;
        for (const cut of cuts) {
          log = appendLog(log, rest.slice(0, cut));
          rest = rest.slice(cut);
        }
        expect(linesOf(appendLog(log, rest))).toEqual(linesOf(read(text)));
      }),
    );
  });

  it('never lets a control character through', () => {
    fc.assert(
      fc.property(anyLog, (text) => {
        for (const line of texts(read(text))) expect(line).not.toMatch(/(?!\t)\p{Cc}/u);
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
