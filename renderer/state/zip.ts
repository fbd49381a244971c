// A zip of texts, put together in the page: nothing is sent anywhere. https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT

/** https://www.w3.org/TR/png/#D-CRCAppendix */
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit += 1) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value >>> 0;
});

function crc32(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = (crcTable[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Numbers of so many bytes each, the least byte first. */
function fields(...values: readonly (readonly [value: number, bytes: 2 | 4])[]): Uint8Array {
  return Uint8Array.from(
    values.flatMap(([value, bytes]) => Array.from({ length: bytes }, (_, at) => (value >>> (8 * at)) & 0xff)),
  );
}

/** MS-DOS time and date. */
function stampOf(at: number): number {
  const date = new Date(at);
  const day = ((date.getFullYear() - 1980) << 9) | ((date.getMonth() + 1) << 5) | date.getDate();
  const time = (date.getHours() << 11) | (date.getMinutes() << 5) | (date.getSeconds() >> 1);
  return ((day << 16) | time) >>> 0;
}

function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** Names are UTF-8 (bit 11); nothing is compressed. `at`: milliseconds since 1970. */
export function zipOf(
  files: readonly { readonly path: string; readonly text: string }[],
  at: number,
): Uint8Array<ArrayBuffer> {
  const encoder = new TextEncoder();
  const stamp = stampOf(at);
  const local: Uint8Array[] = [];
  const central: Uint8Array[] = [];
  let offset = 0;
  for (const { path, text } of files) {
    const name = encoder.encode(path);
    const data = encoder.encode(text);
    const about = fields(
      [20, 2],
      [0x800, 2],
      [0, 2],
      [stamp, 4],
      [crc32(data), 4],
      [data.length, 4],
      [data.length, 4],
      [name.length, 2],
      [0, 2],
    );
    local.push(fields([0x04034b50, 4]), about, name, data);
    central.push(
      fields([0x02014b50, 4], [20, 2]),
      about,
      fields([0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
      name,
    );
    offset += 4 + about.length + name.length + data.length;
  }
  const directory = joined(central);
  const end = fields(
    [0x06054b50, 4],
    [0, 2],
    [0, 2],
    [files.length, 2],
    [files.length, 2],
    [directory.length, 4],
    [offset, 4],
    [0, 2],
  );
  return joined([...local, directory, end]);
}
