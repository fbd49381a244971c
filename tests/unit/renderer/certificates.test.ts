import fc from 'fast-check';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { tlsSchema } from '../../../main/model/stack/answers.ts';
import {
  canStopTrusting,
  canTrust,
  holdLook,
  shareDeed,
  trustDeed,
  trustSentence,
} from '../../../renderer/state/certificates.ts';
import {
  answersText,
  emptyWay,
  hasSecrets,
  readWay,
  withoutSecrets,
} from '../../../renderer/state/certificate-form.ts';
import type { WayTexts } from '../../../renderer/state/certificate-form.ts';
import { ahead } from '../../../renderer/state/words.ts';
import { somePlaces, someProviders } from '../../fakes/fake-certificate-calls.ts';

const day = 86_400_000;
const [cloudflare, ovh] = someProviders;
if (cloudflare === undefined || ovh === undefined) throw new Error('there are no providers');
const way = (change: Partial<WayTexts>): WayTexts => ({ ...emptyWay, ...change });

describe('a certificate', () => {
  it.each([
    [-1, 0, 'Expired'],
    [-30, 0, 'Expired'],
    [5, 10, 'Not valid yet'],
    [-1, 13, 'Ends soon'],
    [-1, 15, 'Holds'],
  ])('from day %i to day %i', (from, until, word) => {
    expect(holdLook({ from: from * day, until: until * day }, 0).word).toBe(word);
  });

  it.each([
    [-1, 'now'],
    [40_000, 'in 40 s'],
    [90_000, 'in 1 min'],
    [2 * 3_600_000, 'in 2 h'],
    [62.5 * day, 'in 62 d'],
    [3_650 * day, 'in 10 years'],
  ])('ends after %i ms', (ms, words) => expect(ahead(ms, 0)).toBe(words));
});

describe('places', () => {
  it('can be changed where AutoGit may, and have been changed', () => {
    expect(
      somePlaces.map((place) => [place.id.split(':')[0], canTrust(place), canStopTrusting(place)]),
    ).toEqual([
      ['system', false, false],
      ['nss', false, true],
      ['firefox', true, false],
      ['engine', true, true],
      ['jobs', false, false],
    ]);
    expect(trustSentence(somePlaces)).toBe("1 of 5 places on this machine trusts the lab's root.");
  });

  it('are named in the line as a shell leaves them', () => {
    const [place] = somePlaces;
    expect(trustDeed(place === undefined ? null : { ...place, id: "nss:/home/o'neill" }).commands).toEqual([
      String.raw`autogit certificate trust 'nss:/home/o'\''neill'`,
    ]);
    expect(trustDeed(null).commands).toEqual(['autogit certificate trust']);
  });

  it('for other devices are shown for as long as somebody says', () => {
    const deed = shareDeed(30);
    expect(deed.amount?.change(5).effect).toBe('Show it for 5 minutes');
    expect(deed.commands).toEqual(['autogit certificate share --minutes 30']);
  });
});

describe('another way to certificates', () => {
  it('by DNS sends secrets by their names in the stack, and options by those of the provider', () => {
    const texts = way({
      ...{ mode: 'acme-dns', provider: 'ovh', email: 'ana@example.net', domain: 'example.net' },
      fields: { OVH_ENDPOINT: 'ovh-eu', OVH_APPLICATION_KEY: ' key ', OVH_APPLICATION_SECRET: 'secret' },
    });
    const { input, errors, check, secrets } = readWay(texts, ovh);
    expect(errors).toEqual({});
    expect(input).toMatchObject({
      tls: { mode: 'acme-dns', provider: 'ovh', options: { OVH_ENDPOINT: 'ovh-eu' } },
      secrets: { 'ovh-application-key': 'key', 'ovh-application-secret': 'secret' },
      domain: 'example.net',
    });
    expect(check).not.toContain('secret');
    expect(secrets).toContain('autogit stack set-secret ovh-application-secret');
  });

  it.each([
    [{ mode: 'acme-dns' }, null, ['email', 'provider']],
    [
      { mode: 'acme-dns', provider: 'ovh', email: 'a@b.example' },
      ovh,
      ['OVH_ENDPOINT', 'OVH_APPLICATION_KEY', 'OVH_APPLICATION_SECRET'],
    ],
    [{ mode: 'acme-http', email: 'ana' }, null, ['email']],
    [{ mode: 'own', certificate: 'lab.pem' }, null, ['certificate', 'key']],
    [{ mode: 'own', certificate: '/a.pem', key: '/b.pem', ca: 'c.pem' }, null, ['ca']],
    [{ mode: 'own', ownFrom: 'pasted' }, null, ['certificateText', 'keyText']],
    [{ domain: 'lab' }, null, ['domain']],
    [{ domain: '-a.example' }, null, ['domain']],
    [{ domain: `${'a'.repeat(64)}.example` }, null, ['domain']],
  ] as const)('of %j is told what is wrong', (change, provider, wrong) => {
    const { input, errors } = readWay(way(change), provider);
    expect([input, Object.keys(errors).toSorted()]).toEqual([null, [...wrong].toSorted()]);
  });

  it('with what is pasted reads no file', () => {
    const keyText = '-----BEGIN EC PRIVATE KEY-----\nx';
    const certificateText = '-----BEGIN CERTIFICATE-----\nx';
    const { input } = readWay(way({ mode: 'own', ownFrom: 'pasted', certificateText, keyText }), null);
    expect(input?.pasted).toEqual({ certificate: certificateText, key: keyText });
  });

  it('has no secret left after the test, and all else as it was', () => {
    const fields = { OVH_ENDPOINT: 'ovh-eu', OVH_APPLICATION_SECRET: 'secret' };
    const texts = way({ mode: 'acme-dns', provider: 'ovh', email: 'a@b.example', keyText: 'key', fields });
    expect(hasSecrets(texts, ovh)).toBe(true);
    const left = withoutSecrets(texts, ovh);
    expect(left).toEqual({ ...texts, keyText: '', fields: { OVH_ENDPOINT: 'ovh-eu' } });
    expect(hasSecrets(left, ovh)).toBe(false);
  });

  it('never shows a secret in a line, whatever it is', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (token, key) => {
        const texts = way({
          ...{ mode: 'acme-dns', provider: 'cloudflare', email: 'a@b.example', keyText: key },
          fields: { CF_DNS_API_TOKEN: token },
        });
        const { check, secrets, answers } = readWay(texts, cloudflare);
        const all = [check, ...secrets, answers].join('\n');
        expect([all.includes(token), all.includes(key)]).toEqual([false, false]);
      }),
    );
  });

  it('stands in a file of answers as the stack reads it', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (region, certificate) => {
        const tls = {
          mode: 'acme-dns',
          provider: 'ovh',
          email: 'a@b.example',
          options: { OVH_ENDPOINT: region },
        };
        expect(parse(answersText(tls))).toEqual({ tls });
        const own = tlsSchema.parse({ mode: 'own', certificate, key: certificate });
        expect(parse(answersText(own))).toEqual({ tls: own });
      }),
    );
  });
});
