// The papers of a package: which software of others is in it, under which licences, and the same as a CycloneDX document.
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { emptyModules } from './bundle.ts';

/** One piece of software in a package, as `licenses.json` lists it. */
export interface Licence {
  readonly name: string;
  readonly version: string;
  /** An SPDX identifier or expression. */
  readonly licence: string;
  readonly text: string;
}

/** A licence, and where the software came from. */
export interface Shipped extends Licence {
  /** https://github.com/package-url/purl-spec */
  readonly purl: string;
  /** Subresource integrity of what was downloaded, as the lock file has it. */
  readonly integrity: string | null;
}

const names = z.record(z.string(), z.string()).default({});
const lockedSchema = z.object({
  version: z.string().default(''),
  license: z.string().default(''),
  integrity: z.string().nullable().default(null),
  dependencies: names,
  optionalDependencies: names,
  peerDependencies: names,
  peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean().default(false) })).default({}),
});
const lockSchema = z.object({ packages: z.record(z.string(), lockedSchema) });
export type Lock = z.infer<typeof lockSchema>;

/** Asked for, and in no package: what bundles on a developer's machine, and the Node of every platform, which goes by itself. */
const notShipped = /^(?:rolldown|node-(?:linux|win)-\w+)$/;

/** Where npm put the package that `from` gets by a name: in its own node_modules, or in one further up. */
function placeOf({ packages }: Lock, from: string, name: string): string | null {
  const place = `${from === '' ? '' : `${from}/`}node_modules/${name}`;
  if (packages[place] !== undefined) return place;
  if (from === '') return null;
  return placeOf({ packages }, from.slice(0, Math.max(0, from.lastIndexOf('/node_modules/'))), name);
}

/** Places of all packages whose code may be in the product, from what package.json asks for. Pure. */
export function shippedPlaces(lock: Lock): readonly string[] {
  const found = new Set<string>();
  const visit = (from: string): void => {
    const one = lock.packages[from];
    if (one === undefined) return;
    const peers = Object.keys(one.peerDependencies).filter(
      (name) => one.peerDependenciesMeta[name]?.optional !== true,
    );
    for (const name of [...Object.keys({ ...one.dependencies, ...one.optionalDependencies }), ...peers]) {
      if (notShipped.test(name) || emptyModules.test(name)) continue;
      const place = placeOf(lock, from, name);
      if (place === null || found.has(place)) continue;
      found.add(place);
      visit(place);
    }
  };
  visit('');
  return [...found].toSorted();
}

/** Places of the packages that files of a bundle come from. Some ask for one that is there by chance (`supports-color`). */
export function placesOf(root: string, modules: readonly string[]): readonly string[] {
  const places = modules.flatMap((file) => {
    const found = /^(.*node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(
      path.relative(root, file).replaceAll('\\', '/'),
    );
    return found?.[1] === undefined ? [] : [found[1]];
  });
  return [...new Set(places)];
}

/** What a package is called that lies at a place. */
export function nameOf(place: string): string {
  return place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length);
}

/** For the few packages that name a licence and bring no text along. https://spdx.org/licenses/ISC.html */
const isc = `Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby
granted, provided that the above copyright notice and this permission notice appear in all copies.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL
IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT,
INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN
ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR IN CONNECTION WITH THE USE OR PERFORMANCE OF
THIS SOFTWARE.
`;

const authorSchema = z.object({
  author: z.union([z.string(), z.object({ name: z.string() }).transform(({ name }) => name)]).default(''),
});

/** The licence's text in a package's folder. Fails where there is none that could be given. */
async function textOf(folder: string, licence: string): Promise<string> {
  const files = (await readdir(folder)).filter((file) => /^(?:licen[cs]e|copying|notice)/i.test(file));
  const texts = await Promise.all(files.toSorted().map((file) => readFile(path.join(folder, file), 'utf8')));
  if (texts.length > 0) return texts.join('\n');
  if (licence !== 'ISC') throw new Error(`${folder} brings no text of its licence (${licence})`);
  const { author } = authorSchema.parse(
    JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')),
  );
  return `Copyright (c) ${author === '' ? `the authors of ${path.basename(folder)}` : author}\n\n${isc}`;
}

async function readLock(root: string): Promise<Lock> {
  return lockSchema.parse(JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8')));
}

function npmPurl(name: string, version: string): string {
  return `pkg:npm/${name.replace(/^@/, '%40')}@${version}`;
}

/** The Node that goes along: its licence names all that is inside it. */
async function nodeItself(root: string): Promise<Shipped> {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const folder = path.join(root, 'node_modules', `node-${platform}-${process.arch}`);
  const version = process.versions.node;
  const text = await textOf(folder, 'MIT').catch(() => 'https://github.com/nodejs/node/blob/main/LICENSE');
  const purl = `pkg:generic/node@${version}`;
  return { name: 'node', version, licence: 'MIT', text, purl, integrity: null };
}

/** The Electron that goes along; what is inside its Chromium stands in a file beside it. */
async function electronItself(root: string, version: string): Promise<Shipped> {
  const text = await textOf(path.join(root, 'node_modules', 'electron'), 'MIT');
  const inside = 'Chromium and what it is made of: see LICENSES.chromium.html beside the program.';
  const purl = npmPurl('electron', version);
  return { name: 'electron', version, licence: 'MIT', text: `${text}\n${inside}\n`, purl, integrity: null };
}

/**
 * All software of others in a package, sorted by name. `electron`: the version that goes along. `modules`: the files
 * that went into the bundles. Rejects when a package has no licence or no text of it.
 */
export async function readShipped(
  root: string,
  electron: string,
  modules: readonly string[],
): Promise<readonly Shipped[]> {
  const lock = await readLock(root);
  const found = new Map<string, Shipped>();
  for (const place of new Set([...shippedPlaces(lock), ...placesOf(root, modules)])) {
    const one = lock.packages[place];
    const name = nameOf(place);
    if (one === undefined || one.license === '')
      throw new Error(`${place} is in a bundle and has no licence`);
    const { version, license: licence, integrity } = one;
    const text = await textOf(path.join(root, place), licence);
    const purl = npmPurl(name, version);
    found.set(purl, { name, version, licence, text, purl, integrity });
  }
  const itself = [await nodeItself(root), await electronItself(root, electron)];
  return [...found.values(), ...itself].toSorted((a, b) => (a.purl < b.purl ? -1 : 1));
}

/** `licenses.json`, which the page About shows. */
export function licenceReport(shipped: readonly Shipped[]): string {
  const report: readonly Licence[] = shipped.map(({ name, version, licence, text }) => ({
    ...{ name, version, licence, text },
  }));
  return `${JSON.stringify(report, null, 1)}\n`;
}

function hashes(integrity: string | null): readonly object[] {
  const [, kind, value] = /^(sha512|sha256)-(.+)$/.exec(integrity ?? '') ?? [];
  if (kind === undefined || value === undefined) return [];
  const alg = kind === 'sha512' ? 'SHA-512' : 'SHA-256';
  return [{ alg, content: Buffer.from(value, 'base64').toString('hex') }];
}

/** A name of this very list: the same packages give the same document. https://www.rfc-editor.org/rfc/rfc9562#name-uuid-version-8 */
function serialNumber(text: string): string {
  const hex = createHash('sha256').update(text).digest('hex');
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `a${hex.slice(17, 20)}`];
  return `urn:uuid:${parts.join('-')}-${hex.slice(20, 32)}`;
}

/**
 * The software bill of materials: https://cyclonedx.org/docs/1.5/json/. (`npm sbom --omit dev` leaves out what a
 * development dependency asks for as well, and has neither Node nor Electron.)
 */
export function billOfMaterials(version: string, shipped: readonly Shipped[]): string {
  const components = shipped.map(({ name, version: of, licence, purl, integrity }) => ({
    ...{ 'bom-ref': purl, type: name === 'electron' || name === 'node' ? 'framework' : 'library' },
    ...{ name, version: of, purl, scope: 'required' },
    licenses: [/^[\w.-]+$/.test(licence) ? { license: { id: licence } } : { expression: licence }],
    hashes: hashes(integrity),
  }));
  const own = { type: 'application', name: 'autogit', version, licenses: [{ license: { id: 'MIT' } }] };
  const document = {
    ...{ bomFormat: 'CycloneDX', specVersion: '1.5' },
    serialNumber: serialNumber(JSON.stringify([version, components])),
    version: 1,
    metadata: { component: { 'bom-ref': `autogit@${version}`, ...own } },
    components,
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}
