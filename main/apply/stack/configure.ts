// GitLab by its API, and read back: token, administrator, policy, hook; then the home serves it.
import { isDeepStrictEqual } from 'node:util';
import { hashOf } from '../../model/stack/content-hash.ts';
import { policyDifference, wantedPolicy } from '../../model/stack/policy.ts';
import type { Policy } from '../../model/stack/policy.ts';
import type { GitlabAdmin } from '../../stack-ports.ts';
import { adminOf } from './admin-token.ts';
import { rootOf } from './certificates.ts';
import { heedStop, isStaging, placeOf, stackError, stackSecret } from './context.ts';
import type { ApplyStep, StepContext } from './context.ts';

/** GitLab remembers its settings for a minute in each of its processes. Milliseconds. */
const settleMs = 90_000;
const pauseMs = 5_000;

/** Rejects with `stack.token-failed`, `stack.policy-not-kept` and the errors of GitLab. */
export const configure: ApplyStep = async (context) => {
  const { stack, home, project } = context;
  if (!stack.services.some(({ name }) => name === 'gitlab')) return;
  if (isStaging(stack.answers.tls))
    throw stackError(
      'stack.certificate-staging',
      "The stack is up with a certificate of Let's Encrypt's staging authority, which nothing trusts: neither AutoGit nor runners can use GitLab that way.",
      'When the certificate has come, set tls.staging to false in the answers and run autogit stack up again.',
    );
  context.tell({ message: 'Setting GitLab up' });
  const place = placeOf(context, rootOf);
  const admin = await adminOf(place, context);
  heedStop(context.signal);
  await setEmail(admin, context);
  await setPolicy(admin, context);
  await setHook(admin, context);
  await home.useGitlab({
    ...{ url: stack.gitlabUrl, connect: place.reach, network: `${stack.project}_inner` },
    ca: place.ca === null ? null : `${project.folder}/ca.crt`,
  });
};

/** Once for each answer: what the person has changed in GitLab since is theirs. */
async function setEmail(admin: GitlabAdmin, { stack, secrets }: StepContext): Promise<void> {
  const { username, email } = stack.answers.admin;
  const wanted = email ?? `${username}@${stack.domain}`;
  const name = stackSecret(stack.lab, 'set-email');
  if (secrets.get(name) === wanted) return;
  await admin.setEmail(wanted);
  await secrets.set(name, wanted);
}

async function setPolicy(admin: GitlabAdmin, context: StepContext): Promise<void> {
  const { stack, home, clock, signal } = context;
  const hook = home.hook();
  const hookHost = hook === null ? null : new URL(hook.url).host;
  const settings = await admin.settings();
  const wanted = wantedPolicy(stack.answers, hookHost, settings);
  const missing = policyDifference(wanted, settings);
  if (isDeepStrictEqual(missing, {})) return;
  context.tell({ message: 'Setting what GitLab allows' });
  await admin.changeSettings(missing);
  const begun = clock.monotonic();
  for (;;) {
    const left = policyDifference(wanted, await admin.settings());
    if (isDeepStrictEqual(left, {})) return;
    if (clock.monotonic() - begun >= settleMs) throw notKept(left);
    await clock.sleep(pauseMs, signal);
    heedStop(signal);
  }
}

function notKept(left: Policy): Error {
  const names = Object.keys(left).join(', ');
  return stackError(
    'stack.policy-not-kept',
    `GitLab took its settings and shows others: ${names}.`,
    "Look at GitLab's admin area, Settings: another administrator or a paid edition's rule may hold them. Then run autogit stack up again.",
    { names },
  );
}

/** GitLab shows no hook's token: one that another home has set at our address rings in vain, and gives way. */
async function setHook(admin: GitlabAdmin, { home, stack, secrets }: StepContext): Promise<void> {
  const hook = home.hook();
  if (hook === null) return;
  const name = stackSecret(stack.lab, 'set-hook');
  const mark = hashOf(`${hook.url} ${hook.token}`);
  const there = (await admin.systemHooks()).filter(({ url }) => url === hook.url);
  if (there.length > 0 && secrets.get(name) === mark) return;
  await admin.addSystemHook(hook.url, hook.token);
  for (const { id } of there) await admin.removeSystemHook(id);
  await secrets.set(name, mark);
}
