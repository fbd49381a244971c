// The files with the roots that a job's programs are to trust, as a tar for the engine.
import { rootCertificates } from 'node:tls';
import type { ContainerFile } from '../model/container-spec.ts';
import { trustFiles } from '../model/job-trust.ts';

/** The newest: all jobs of a home have the same. */
let newest: { readonly roots: string; readonly tar: Uint8Array } = { roots: '', tar: new Uint8Array() };

/** `roots`: PEM of the own ones. */
export function trustTar(roots: string): Uint8Array {
  if (newest.roots !== roots) newest = { roots, tar: renderTar(trustFiles(roots, rootCertificates)) };
  return newest.tar;
}

const block = 512;

/** Files of root's, in the form that every engine reads. https://www.gnu.org/software/tar/manual/html_node/Standard.html */
export function renderTar(files: readonly Pick<ContainerFile, 'path' | 'content' | 'mode'>[]): Uint8Array {
  const parts = files.flatMap(({ path, content, mode }) => {
    const bytes = Buffer.from(content);
    const padding = Buffer.alloc((block - (bytes.length % block)) % block);
    return [renderHeader(path.replace(/^\/+/, ''), bytes.length, mode), bytes, padding];
  });
  return Buffer.concat([...parts, Buffer.alloc(2 * block)]);
}

function renderHeader(name: string, size: number, mode: number): Buffer {
  const header = Buffer.alloc(block);
  const octal = (value: number, at: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, '0'), at);
  };
  header.write(name, 0, 100);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  // The sum is made with blanks in its own place.
  header.write(' '.repeat(8), 148);
  header.write('0', 156);
  header.write('ustar\u000000', 257);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}
