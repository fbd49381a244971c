// The page for other devices: asked as they ask, and as somebody who means harm.
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { request } from 'node:http';
import type { IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createCrypto } from '../../../../main/adapters/stack/crypto.ts';
import { showPage } from '../../../../main/adapters/trust/share-page.ts';
import type { OpenPage } from '../../../../main/access-ports.ts';
import { answerShared } from '../../../../main/plan/trust-page/page.ts';
import type { SharedRoot } from '../../../../main/plan/trust-page/page.ts';

interface Got {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

let root: SharedRoot;
beforeAll(async () => {
  const crypto = createCrypto();
  const { certificate: pem } = await crypto.authority('AutoGit lab', 'lab.home.arpa', Date.now());
  const [facts] = await crypto.describe(pem);
  const { fingerprint = '', limits = null } = facts ?? {};
  root = { lab: 'lab', name: 'AutoGit lab', domain: 'lab.home.arpa', pem, fingerprint, limits };
});

const open: OpenPage[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((page) => page.close()));
});

async function show(): Promise<OpenPage> {
  const page = await showPage('127.0.0.1', (path, agent) => answerShared(path, agent, root));
  open.push(page);
  return page;
}

function ask(
  { port }: OpenPage,
  path: string,
  {
    method = 'GET',
    headers = {},
  }: { readonly method?: string; readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request({ host: '127.0.0.1', port, path, method, headers, agent: false }, (answer) => {
      const parts: Buffer[] = [];
      answer.on('data', (part: Buffer) => parts.push(part));
      answer.on('end', () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(parts) });
      });
    });
    sent.on('error', reject).end();
  });
}

describe('the shared page', () => {
  it('has the root as bytes and as PEM, each of its type', async () => {
    const page = await show();
    const [der, pem] = await Promise.all([ask(page, '/root.crt'), ask(page, '/root.pem')]);
    expect(der.headers['content-type']).toBe('application/x-x509-ca-cert');
    expect(new X509Certificate(der.body).fingerprint256).toBe(root.fingerprint);
    expect(pem.headers['content-type']).toBe('application/x-pem-file');
    expect(new X509Certificate(pem.body).fingerprint256).toBe(root.fingerprint);
  });

  it('has a profile for iPhones that is a property list with the same bytes', async () => {
    const { headers, body } = await ask(await show(), '/root.mobileconfig');
    expect(headers['content-type']).toBe('application/x-apple-aspen-config');
    expect(headers['content-disposition']).toBeUndefined();
    const read = `
import base64, json, plistlib, sys
profile = plistlib.loads(sys.stdin.buffer.read())
payload = profile['PayloadContent'][0]
print(json.dumps({'type': profile['PayloadType'], 'inner': payload['PayloadType'],
  'ids': [profile['PayloadUUID'], payload['PayloadUUID']], 'der': base64.b64encode(payload['PayloadContent']).decode()}))`;
    const found: unknown = JSON.parse(
      execFileSync('python3', ['-c', read], { input: body, encoding: 'utf8' }),
    );
    const bytes = new X509Certificate(root.pem).raw.toString('base64');
    expect(found).toMatchObject({ type: 'Configuration', inner: 'com.apple.security.root', der: bytes });
    const ids = (found as { ids: string[] }).ids;
    expect(new Set(ids).size).toBe(2);
    for (const id of ids)
      expect(id).toMatch(/^[0-9A-F]{8}-[0-9A-F]{4}-8[0-9A-F]{3}-A[0-9A-F]{3}-[0-9A-F]{12}$/);
  });

  it.each([
    [
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Safari/604.1',
      'iPhone and iPad',
      '/root.mobileconfig',
    ],
    ['Mozilla/5.0 (Linux; Android 15; Pixel 9) Chrome/130.0 Mobile Safari/537.36', 'Android', '/root.crt'],
    ['Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/130.0', 'Windows', '/root.crt'],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) Safari/605.1', 'Mac', '/root.crt'],
    ['Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0', 'Firefox', '/root.pem'],
  ])('shows %s the steps for it first', async (agent, title, file) => {
    const { body } = await ask(await show(), '/', { headers: { 'user-agent': agent } });
    const html = body.toString();
    expect(/<details open><summary>([^<]+)/.exec(html)?.[1]).toBe(title);
    expect(html).toContain(`class="first" href="${file}"`);
    expect(html.replaceAll('<wbr>', '')).toContain(root.fingerprint);
    expect(html.match(/<details/g)).toHaveLength(6);
  });

  it('runs nothing, loads nothing, and lets its one style through by its digest', async () => {
    const { headers, body } = await ask(await show(), '/');
    expect(headers['content-security-policy']).toMatch(
      /^default-src 'none'; style-src 'sha256-[A-Za-z0-9+/]{43}='; base-uri 'none'; form-action 'none'; frame-ancestors 'none'$/,
    );
    expect(headers).toMatchObject({
      ...{ 'x-content-type-options': 'nosniff', 'x-frame-options': 'DENY', 'cache-control': 'no-store' },
    });
    expect(body.toString()).not.toMatch(
      /<script|javascript:|src=|https?:\/\/(?!gitlab\.lab\.home\.arpa)[^\s<]*"/,
    );
  });

  it('never writes what a browser says of itself, or names with signs of HTML, as HTML', async () => {
    const evil = answerShared('/', '<script>alert(1)</script>', { ...root, lab: '<b>', name: '"><i>' });
    expect(evil?.body).not.toMatch(/<script|<b>|<i>/);
  });

  it('answers GET and HEAD alone, and has nothing else', async () => {
    const page = await show();
    const head = await ask(page, '/', { method: 'HEAD' });
    expect([head.status, head.body.length]).toEqual([200, 0]);
    expect(Number(head.headers['content-length'])).toBeGreaterThan(1_000);
    expect((await ask(page, '/', { method: 'POST' })).status).toBe(405);
    for (const path of ['/favicon.ico', '/../root.crt', '/root.key', '//', '/%2e%2e/etc/passwd', '*'])
      expect((await ask(page, path)).status, path).toBe(404);
  });

  it('answers nobody who came by another name, as a page of somebody else would', async () => {
    const page = await show();
    for (const host of ['evil.example', '127.0.0.1', `localhost:${page.port}`]) {
      const { status, body } = await ask(page, '/', { headers: { host } });
      expect([status, body.length], host).toEqual([421, 0]);
    }
  });

  it('takes no long head, and ends connections with it', async () => {
    const page = await show();
    expect((await ask(page, '/', { headers: { cookie: 'x'.repeat(10_000) } })).status).toBe(431);
    const waiting = connect(page.port, '127.0.0.1');
    const ended = new Promise<void>((resolve) => waiting.once('close', () => resolve()));
    await new Promise<void>((resolve) => waiting.once('connect', () => resolve()));
    await page.close();
    await ended;
    open.length = 0;
    await expect(ask(page, '/')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });

  it('is refused at an address that this machine does not have', async () => {
    await expect(showPage('192.0.2.1', () => null)).rejects.toMatchObject({
      key: 'trust.share-failed',
    });
  });
});
