// The page on which other devices find the root of a lab: what it says, and every file that it leads to.
import type { SharedAnswer } from '../../model/shared-page.ts';
import type { NameLimits } from '../../model/stack/certificate-facts.ts';
import { profileOf, xmlText } from './profile.ts';
import { deviceSystems, guideFor, systemsOf } from './systems.ts';
import type { DeviceSystem } from './systems.ts';

/** All that is public of a root. */
export interface SharedRoot {
  readonly lab: string;
  /** `AutoGit lab` */
  readonly name: string;
  readonly domain: string;
  readonly pem: string;
  /** SHA-256: `AB:CD:…` */
  readonly fingerprint: string;
  /** For whom it may sign; `null`: for everybody. */
  readonly limits: NameLimits | null;
}

const style = `
:root { color-scheme: light dark; --ink: #1b1d22; --ground: #f6f7f9; --card: #fff; --line: #d8dbe2; --accent: #1f5fbf; --quiet: #565c69; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaef; --ground: #14161a; --card: #1d2026; --line: #343943; --accent: #8ab4f8; --quiet: #a6adba; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 1.25rem; background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif; }
main { max-width: 40rem; margin: 0 auto; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 .5rem; }
p { margin: .5rem 0; }
.quiet { color: var(--quiet); }
code { font: .9rem/1.5 ui-monospace, monospace; overflow-wrap: break-word; }
.card, details { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: .9rem 1rem; margin: .9rem 0; }
summary { font-weight: 600; cursor: pointer; min-height: 1.75rem; }
ol { margin: .6rem 0 0; padding-left: 1.3rem; }
li { margin: .4rem 0; overflow-wrap: anywhere; }
.files { display: flex; flex-wrap: wrap; gap: .6rem; }
.files a { flex: 1 1 9rem; padding: .75rem 1rem; border-radius: .6rem; border: 1px solid var(--accent); color: var(--accent); display: grid; place-items: center; text-align: center; text-decoration: none; font-weight: 600; }
.files a.first { background: var(--accent); color: var(--card); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
`;

const files = [
  { path: '/root.mobileconfig', label: 'Profile for iPhone and iPad', systems: ['ios'] },
  { path: '/root.crt', label: 'root.crt', systems: ['android', 'windows', 'macos'] },
  { path: '/root.pem', label: 'root.pem', systems: ['linux', 'firefox'] },
] as const;

function linkTo({ path, label, systems }: (typeof files)[number], first: DeviceSystem | undefined): string {
  const isFirst = systems.some((system) => system === first);
  return `<a${isFirst ? ' class="first"' : ''} href="${path}">${xmlText(label)}</a>`;
}

function guideHtml(system: DeviceSystem, { name, lab }: SharedRoot, isOpen: boolean): string {
  const { title, steps } = guideFor(system, { name, lab, file: 'root.crt' });
  const items = steps.map((step) => `<li>${xmlText(step)}</li>`).join('\n');
  return `<details${isOpen ? ' open' : ''}><summary>${xmlText(title)}</summary><ol>\n${items}\n</ol></details>`;
}

/** What somebody takes on who trusts it. */
function reachOf({ limits }: SharedRoot): string {
  if (limits === null || limits.names === null)
    return 'Whoever has its key can sign for every address of the internet.';
  const addresses = limits.addresses === null ? '' : ' and addresses of private networks';
  return `It can sign for ${limits.names.join(', ')} with what lies below${addresses}, and for nothing else.`;
}

/** `agent`: as the browser names itself. */
export function pageOf(root: SharedRoot, agent: string): string {
  const likely = systemsOf(agent);
  const order = [...likely, ...deviceSystems.filter((system) => !likely.includes(system))];
  const lab = xmlText(root.lab);
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>Trust the lab “${lab}”</title>
<style>${style}</style>
</head>
<body>
<main>
<h1>Trust the lab “${lab}”</h1>
<p>With its root this device trusts <code>https://gitlab.${xmlText(root.domain)}</code> and whatever else lies below <code>${xmlText(root.domain)}</code>. ${xmlText(reachOf(root))}</p>
<div class="card">
<p><strong>Compare first.</strong> This page came without encryption. Install the root only if this fingerprint is the one that AutoGit shows on the machine of the lab:</p>
<p><code>${xmlText(root.fingerprint).replaceAll(':', ':<wbr>')}</code></p>
<p class="quiet">SHA-256 of ${xmlText(root.name)}</p>
</div>
<p class="files">
${files.map((file) => linkTo(file, order[0])).join('\n')}
</p>
${order.map((system) => guideHtml(system, root, likely.includes(system))).join('\n')}
</main>
</body>
</html>
`;
}

/** The bytes of a certificate in base64, in one line. */
export function base64Of(pem: string): string {
  return pem.replaceAll(/-----[^-]+-----|\s/g, '');
}

function text(type: string, body: string, file: string | null): SharedAnswer {
  return { type, body, isBase64: false, style: null, file };
}

/** What the page answers at a path; `null`: nothing is there. */
export function answerShared(path: string, agent: string, root: SharedRoot): SharedAnswer | null {
  switch (path) {
    case '/':
      return {
        type: 'text/html; charset=utf-8',
        body: pageOf(root, agent),
        isBase64: false,
        style,
        file: null,
      };
    case '/root.crt':
      return {
        type: 'application/x-x509-ca-cert',
        body: base64Of(root.pem),
        isBase64: true,
        style: null,
        file: 'root.crt',
      };
    case '/root.pem':
      return text('application/x-pem-file', root.pem, 'root.pem');
    case '/root.mobileconfig':
      // Kept as a file it would not be offered for installation.
      return text(
        'application/x-apple-aspen-config',
        profileOf({ ...root, base64: base64Of(root.pem) }),
        null,
      );
    default:
      return null;
  }
}
