// All checks of a stack together; a test sees that every file here is among them.
import type { Severity } from '../../model/issue.ts';
import type { Finding } from '../hardware/check.ts';
import type { StackCheck, StackSubject } from './check.ts';
import { checkAcme } from './acme.ts';
import { checkAddress } from './address.ts';
import { checkAutheliaPeople } from './authelia-people.ts';
import { checkAutheliaReach } from './authelia-reach.ts';
import { checkAutheliaRules } from './authelia-rules.ts';
import { checkBind } from './bind.ts';
import { checkCertificate } from './certificate.ts';
import { checkStackClock } from './clock.ts';
import { checkComposeV1 } from './compose-v1.ts';
import { checkStackCompose } from './compose.ts';
import { checkCookies } from './cookies.ts';
import { checkDataFolders } from './data-folders.ts';
import { checkDefaultCertificate } from './default-certificate.ts';
import { checkDevNull } from './dev-null.ts';
import { checkStackDisk } from './disk.ts';
import { checkEngineApi } from './engine-api.ts';
import { checkStackEngine } from './engine.ts';
import { checkFileSystem } from './file-system.ts';
import { checkFiles } from './files.ts';
import { checkStackFirewall } from './firewall.ts';
import { checkImageRoom } from './image-room.ts';
import { checkIpv6 } from './ipv6.ts';
import { checkLeftovers } from './leftovers.ts';
import { checkLocalDomain } from './local-domain.ts';
import { checkStackLowPorts } from './low-ports.ts';
import { checkStackMemory } from './memory.ts';
import { checkOtherProxy } from './other-proxy.ts';
import { checkOtherResolver } from './other-resolver.ts';
import { checkStackPorts } from './ports.ts';
import { checkPublicSuffix } from './public-suffix.ts';
import { checkDataReadOnly } from './read-only.ts';
import { checkRedirect } from './redirect.ts';
import { checkResolution } from './resolution.ts';
import { checkRestarts } from './restarts.ts';
import { checkStackRootless } from './rootless.ts';
import { checkRouting } from './routing.ts';
import { checkRunnerVersion } from './runner-version.ts';
import { checkSecretFiles } from './secrets.ts';
import { checkSelinux } from './selinux.ts';
import { checkServices } from './services.ts';
import { checkSubnets } from './subnets.ts';
import { checkTraefikVersion } from './traefik-version.ts';
import { checkUpgrade } from './upgrade.ts';
import { checkVolumes } from './volumes.ts';

/** Of findings that are equally urgent, those of the first come first. */
const ofMachine: readonly StackCheck[] = [
  checkDevNull,
  checkStackEngine,
  checkStackCompose,
  checkBind,
  checkStackPorts,
  checkStackLowPorts,
  checkDataReadOnly,
  checkFileSystem,
  checkDataFolders,
  checkVolumes,
  checkStackDisk,
  checkImageRoom,
  checkStackMemory,
  checkEngineApi,
  checkTraefikVersion,
  checkSubnets,
  checkStackRootless,
  checkStackClock,
  checkStackFirewall,
  checkIpv6,
  checkOtherProxy,
  checkAutheliaRules,
  checkAutheliaPeople,
  checkAutheliaReach,
];

/** These have nothing to say before a stack has come up. */
const ofRunning: readonly StackCheck[] = [
  checkServices,
  checkRestarts,
  checkFiles,
  checkRouting,
  checkRedirect,
  checkCookies,
  checkAcme,
  checkDefaultCertificate,
  checkCertificate,
  checkRunnerVersion,
  checkSelinux,
  checkLeftovers,
  checkSecretFiles,
  checkComposeV1,
];

export const stackChecks: readonly StackCheck[] = [...ofMachine, ...ofRunning];

const ofNames: readonly StackCheck[] = [
  checkAddress,
  checkLocalDomain,
  checkPublicSuffix,
  checkOtherResolver,
];

/** What stands between names and addresses; whether they lead anywhere shows once the stack is up. */
export const nameChecks: readonly StackCheck[] = [...ofNames, checkResolution];

/** What only a start changes: nothing is wrong before. */
export const startChecks: readonly StackCheck[] = [checkUpgrade];

/** Errors of these stand against `up`. */
const beforeUp: readonly StackCheck[] = [...startChecks, ...ofMachine, ...ofNames];

const urgency: readonly Severity[] = ['error', 'warning', 'info'];

function ask(checks: readonly StackCheck[], subject: StackSubject): readonly Finding[] {
  return checks
    .flatMap((check) => check(subject))
    .toSorted((a, b) => urgency.indexOf(a.severity) - urgency.indexOf(b.severity));
}

/** What is wrong with a stack and with what is around it, the most urgent first. Pure. */
export function checkStack(subject: StackSubject): readonly Finding[] {
  return ask(stackChecks, subject);
}

/** What is wrong with its names. Pure. */
export function checkNames(subject: StackSubject): readonly Finding[] {
  return ask(nameChecks, subject);
}

/** What would break `up`, or should be known before it. Pure. */
export function checkBeforeUp(subject: StackSubject): readonly Finding[] {
  return ask(beforeUp, subject);
}
