// Certificates in a terminal: what a person has to see, in the width that there is.
import { describe, expect, it } from 'vitest';
import {
  renderCertificateCheck,
  renderCertificates,
  renderRoot,
  renderShare,
} from '../../../../main/cli/render/certificate.ts';

const now = 1_800_000_000_000;
const day = 86_400_000;
const view = { width: 72, colour: false, now };
const fingerprint = Array<string>(32).fill('AB').join(':');

describe('autogit certificate list', () => {
  it('shows dates, fingerprint and who renews it, and where the root is shared', () => {
    const text = renderCertificates(
      {
        ...{ mode: 'local-ca', sentence: 'The lab serves it.' },
        certificates: [
          {
            ...{
              role: 'served',
              subject: 'CN=lab.home.arpa',
              issuer: 'CN=AutoGit lab',
              names: ['lab.home.arpa'],
            },
            ...{
              from: now,
              until: now + 20.5 * day,
              fingerprint,
              key: 'EC P-256',
              renewal: 'AutoGit renews it.',
            },
          },
        ],
        places: [
          {
            ...{ id: 'system', kind: 'system', label: 'Programs of this machine', path: '/etc/ssl' },
            ...{ state: 'trusted', why: null, commands: [] },
          },
        ],
        sharing: { url: 'http://192.168.1.10:8899/', until: now + day },
      },
      view,
    );
    for (const part of [
      '2027-02-04 (20 days)',
      'EC P-256',
      'AutoGit renews it.',
      'system',
      'http://192.168.1.10:8899/',
    ])
      expect(text).toContain(part);
    expect(text.replaceAll(/\s/g, '')).toContain(fingerprint);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBeLessThanOrEqual(72);
  });
});

describe('autogit certificate check', () => {
  it('marks each check and says what to do', () => {
    const text = renderCertificateCheck(
      {
        ...{ good: false, sentence: 'One thing stands against it.' },
        checks: [
          { key: 'certificate.file', label: 'File', state: 'good', message: 'It is PEM.', next: null },
          {
            key: 'certificate.names',
            label: 'Names',
            state: 'bad',
            message: 'It is for others.',
            next: 'Get one.',
          },
        ],
      },
      view,
    );
    expect(text).toBe(
      'ok     File\n       It is PEM.\nwrong  Names\n       It is for others.\n       Get one.\n\nOne thing stands against it.\n',
    );
  });
});

describe('autogit certificate root', () => {
  it('ends with the root itself, and says it where there is none', () => {
    const root = '-----BEGIN CERTIFICATE-----\nAA==\n-----END CERTIFICATE-----\n';
    const text = renderRoot({ root, fingerprint, guides: [{ system: 'Mac', steps: ['Open it.'] }] }, view);
    expect(text.endsWith(root)).toBe(true);
    expect(text).toContain('Mac\n  Open it.');
    expect(renderRoot({ root: null, fingerprint: null, guides: [] }, view)).toContain('There is no root');
  });
});

describe('autogit certificate share', () => {
  const value = {
    ...{ dryRun: false, actions: [], message: 'At http://192.168.1.10:8899/ Compare AB:AB', next: 'End it.' },
    ...{ url: 'http://192.168.1.10:8899/', until: now, qr: ['101', '010', '101'] },
  };

  it('draws the code for cameras on a terminal, and not into a file', () => {
    expect(renderShare(value, view)).toContain('▄▀▄');
    const file = renderShare(value, { ...view, width: Infinity });
    expect(file).not.toMatch(/[▀▄█]/);
    expect(file).toContain('http://192.168.1.10:8899/');
  });
});
