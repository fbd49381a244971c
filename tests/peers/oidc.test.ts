// The real Authelia, tried as AutoGit tries every provider: what the tests' own provider answers is what this one answers.
import { providerSuite } from '../fakes/provider-suite.ts';
import { describeWithPeer, findAuthelia } from './peers.ts';
import { openAuthelia } from './real-authelia.ts';

describeWithPeer('Authelia', await findAuthelia(), (program) => {
  providerSuite(() => openAuthelia(program()));
});
