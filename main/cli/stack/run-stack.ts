// Requests about the stack that the command line does in more than one question and answer.
import type { RequestName } from '../../contract/contract.ts';
import type { CliWorld } from '../access.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';
import { runSetSecret, runStackDeed } from './run-deed.ts';
import { runStackPlan } from './run-plan.ts';
import { runCertificateCheck, runDirectoryTest, runSsoCheck } from './run-trials.ts';
import { runStackUp } from './run-up.ts';

type Run = (asked: Asked, world: CliWorld, view: View) => Promise<number>;

const runs: Partial<Record<RequestName, Run>> = {
  'stack.plan': runStackPlan,
  'stack.up': runStackUp,
  'stack.restart': (asked, world, view) => runStackDeed('stack.restart', asked, world, view),
  'stack.down': (asked, world, view) => runStackDeed('stack.down', asked, world, view),
  'stack.destroy': (asked, world, view) => runStackDeed('stack.destroy', asked, world, view),
  'stack.set-secret': runSetSecret,
  'directory.test': runDirectoryTest,
  'sso.check': runSsoCheck,
  'certificate.check': runCertificateCheck,
};

/** How such a request is done; `undefined`: like any other. */
export function stackRunOf(name: RequestName): Run | undefined {
  return runs[name];
}
