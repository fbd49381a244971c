// Requests about certificates: what is served, whether it is good, another one now, and the root for other devices.
import type { Output, ParsedInput } from '../../contract/contract.ts';
import { AutoGitError } from '../../errors.ts';
import { ownAddress } from '../../model/stack/answers.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import { dayOf } from '../../model/stack/certificate-facts.ts';
import { isPrivateAddress } from '../../model/stack/private-networks.ts';
import type { SharedRoot } from '../../plan/trust-page/page.ts';
import { deviceSystems, guideFor } from '../../plan/trust-page/systems.ts';
import { toOutcome } from '../outcome.ts';
import type { RequestContext } from '../requests.ts';
import { renewAcme } from './acme-check.ts';
import { checkWay } from './certificate-check.ts';
import { servedList } from './certificate-list.ts';
import { domainOf, renderedOf, rootOfLab } from './lab-root.ts';
import { placesOf } from './trust-requests.ts';

/** `certificate.list`. */
export async function listCertificates(
  _: ParsedInput<'certificate.list'>,
  context: RequestContext,
): Promise<Output<'certificate.list'>> {
  const [list, places] = await Promise.all([servedList(context), placesOf(context)]);
  return { ...list, places: places.map((place) => ({ ...place, commands: [...place.commands] })) };
}

/** `certificate.check`. Rejects with `stack.none`, `stack.certificate-domain`. */
export const checkCertificates = checkWay;

function busy(): AutoGitError {
  return new AutoGitError({
    key: 'stack.busy',
    message: 'Something is being done to the stack, and the certificate waits for it.',
    next: 'Follow it with: autogit stack watch. Try again when it has ended.',
    retry: true,
  });
}

function previewOf({ tls, lab }: StackAnswers): Output<'certificate.renew'> {
  const [reason, message] =
    tls.mode === 'own'
      ? [
          `${tls.certificate} and ${tls.key} are read again`,
          'Your files would be read, judged, and served if they are others.',
        ]
      : [
          'somebody asks for it',
          "The lab's own authority would sign another certificate, and Traefik would serve it at once.",
        ];
  return {
    ...toOutcome([], true, message),
    actions: [{ kind: 'renew-certificate', target: `lab ${lab}`, reason }],
  };
}

/**
 * `certificate.renew`. Rejects with `stack.none`, `stack.busy` (retry), and what stands against the certificate, in which case
 * the present one is served on.
 */
export async function renewNow(
  { dryRun }: ParsedInput<'certificate.renew'>,
  context: RequestContext,
): Promise<Output<'certificate.renew'>> {
  const { stack, store, clock, door } = context;
  const answers = stack.requireCurrent();
  const { tls, lab } = answers;
  if (tls.mode === 'acme-dns' || tls.mode === 'acme-http') return renewAcme(context, dryRun);
  if (dryRun) return previewOf(answers);
  const isOther = await stack.renewals.renewCertificate();
  if (isOther === null) throw busy();
  store.audit({
    at: clock.now(),
    door,
    request: 'certificate.renew',
    outcome: isOther ? 'done' : 'nothing new',
  });
  const [served] = (await servedList(context)).certificates;
  const until = served === undefined ? '' : ` It holds until ${dayOf(served.until)}.`;
  const message = isOther
    ? `The lab "${lab}" serves another certificate now, without a restart.${until}`
    : `The files are those that are served already.${until}`;
  return toOutcome(
    [],
    false,
    message,
    isOther ? null : `Put new ones in their place; AutoGit takes them up by itself.`,
  );
}

async function sharedRootOf(answers: StackAnswers, context: RequestContext): Promise<SharedRoot | null> {
  const root = await rootOfLab(answers, context);
  if (root === null) return null;
  const name = /(?:^|, )CN=([^,]+)/.exec(root.facts.subject)?.[1] ?? root.facts.subject;
  const { fingerprint, limits } = root.facts;
  return { lab: answers.lab, name, domain: domainOf(answers), pem: root.pem, fingerprint, limits };
}

/** `certificate.root`. */
export async function showRoot(
  _: ParsedInput<'certificate.root'>,
  context: RequestContext,
): Promise<Output<'certificate.root'>> {
  const answers = context.stack.journal.current();
  const root = answers === null ? null : await sharedRootOf(answers, context);
  if (root === null) return { root: null, fingerprint: null, guides: [] };
  const guides = deviceSystems.map((system) => {
    const { title, steps } = guideFor(system, { ...root, file: 'root.crt' });
    return { system: title, steps: [...steps] };
  });
  return { root: root.pem, fingerprint: root.fingerprint, guides };
}

function shareError(key: string, message: string, next: string): AutoGitError {
  return new AutoGitError({ key, message, next });
}

/** Where the page is shown: at the lab's own address, which the devices of its network reach. */
async function shareAddress(answers: StackAnswers, context: RequestContext): Promise<string> {
  const stack = await renderedOf(answers, context);
  const address = ownAddress(stack?.answers ?? answers);
  if (address === null)
    throw shareError(
      'trust.share-address',
      'Nobody knows at which address other devices find this machine.',
      'Give it as `address` in the answers of the stack: autogit stack up',
    );
  if (isPrivateAddress(address)) return address;
  // On the way through the internet anybody could exchange the root for one of theirs.
  throw shareError(
    'trust.share-public',
    `${address} is an address of the internet, and a page without encryption is shown in a network of one's own only.`,
    'Give the root to people another way: autogit certificate root --json, or the file ca.crt in the folder of the stack.',
  );
}

/**
 * `certificate.share`. Rejects with `stack.none`, `trust.no-root`, `trust.share-address`,
 * `trust.share-public`, `trust.share-failed`.
 */
export async function shareRoot(
  { minutes, dryRun }: ParsedInput<'certificate.share'>,
  context: RequestContext,
): Promise<Output<'certificate.share'>> {
  const { stack, store, clock, door } = context;
  const none = { url: null, until: null, qr: [] };
  if (minutes === 0) {
    if (!dryRun) await stack.share.end();
    return { ...toOutcome([], dryRun, 'The root is shown to nobody any more.'), ...none };
  }
  const answers = stack.requireCurrent();
  const root = await sharedRootOf(answers, context);
  if (root === null)
    throw shareError(
      'trust.no-root',
      'There is no root that devices have to be told of: either the certificate leads to a public one, or it has not been made yet.',
      'See what is served: autogit certificate list',
    );
  const address = await shareAddress(answers, context);
  const span = `for ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}`;
  if (dryRun)
    return {
      ...toOutcome([], true, `A page with the root would be shown at http://${address} ${span}.`),
      ...none,
    };
  const { url, until } = await stack.share.show(root, address, minutes);
  store.audit({ at: clock.now(), door, request: 'certificate.share', outcome: `${url}, ${span}` });
  return {
    ...toOutcome(
      [],
      false,
      `Other devices find the root of the lab "${root.lab}" ${span} at ${url} Compare the fingerprint there with this one: ${root.fingerprint}`,
      `If a device does not get there, a firewall may be in the way: port ${new URL(url).port}. End it with: autogit certificate share --minutes 0`,
    ),
    ...{ url, until, qr: [...stack.renderQr(url)] },
  };
}
