// QR codes are read by a reader of its own, from their rows and from what a terminal shows of them.
import jsQR from 'jsqr';
import { describe, expect, it } from 'vitest';
import { renderQr as rowsOf } from '../../../../main/adapters/identity/qr.ts';
import { renderQr } from '../../../../main/cli/render/qr.ts';

/** What a camera sees of rows, eight pixels for each module. */
function seen(rows: readonly string[]): string | null {
  const scale = 8;
  const size = rows.length * scale;
  const pixels = new Uint8ClampedArray(size * size * 4);
  for (let y = 0; y < size; y += 1)
    for (let x = 0; x < size; x += 1) {
      const isDark = rows[Math.floor(y / scale)]?.[Math.floor(x / scale)] === '1';
      pixels.set([...Array<number>(3).fill(isDark ? 0 : 255), 255], (y * size + x) * 4);
    }
  return jsQR.default(pixels, size, size)?.data ?? null;
}

/** Half blocks as rows: which of the two modules of a character are drawn. */
function drawn(text: string): readonly string[] {
  return text
    .trimEnd()
    .split('\n')
    .flatMap((line) => [
      Array.from(line)
        .map((sign) => (sign === '█' || sign === '▀' ? '1' : '0'))
        .join(''),
      Array.from(line)
        .map((sign) => (sign === '█' || sign === '▄' ? '1' : '0'))
        .join(''),
    ]);
}

const texts = [
  'http://192.168.1.2:8899/',
  'otpauth://totp/lab.home.arpa:ana?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=lab.home.arpa&period=30',
];
const view = { width: 100, colour: false, now: 0 };

describe('a QR code', () => {
  it.each(texts)('says %s to a reader', (text) => {
    const rows = rowsOf(text);
    expect(rows.every((row) => row.length === rows.length)).toBe(true);
    expect(seen(rows)).toBe(text);
  });

  it('is the same one in a terminal, dark on white where there are colours, light on dark where not', () => {
    const rows = rowsOf(texts[0] ?? '');
    const size = rows.length;
    const plain = drawn(renderQr(rows, view)).slice(0, size);
    const inverted = plain.map((row) =>
      Array.from(row)
        .map((one) => (one === '1' ? '0' : '1'))
        .join(''),
    );
    expect(seen(inverted)).toBe(texts[0]);
    const coloured = renderQr(rows, { ...view, colour: true });
    expect(coloured).toContain('\u001b[30;107m');
    expect(seen(drawn(coloured.replaceAll(/\u001b\[[0-9;]*m/g, '')).slice(0, size))).toBe(texts[0]);
  });

  it('is not written into a file, and not where it does not fit', () => {
    const rows = rowsOf(texts[0] ?? '');
    expect(renderQr(rows, { ...view, width: Infinity })).toBe('');
    expect(renderQr(rows, { ...view, width: 20 })).toBe('');
    expect(renderQr([], view)).toBe('');
  });
});
