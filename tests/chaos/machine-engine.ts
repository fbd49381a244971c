// The container engine of this machine, found as AutoGit finds it.
import { homedir } from 'node:os';
import { createEngines } from '../../main/adapters/engine/find.ts';
import { isEligible } from '../../main/model/engine.ts';
import { silentLog } from '../fakes/silent-log.ts';

/** Addresses of the sockets at which an engine answers, the one that AutoGit would take first. */
export async function listMachineEngines(): Promise<readonly string[]> {
  const uid = process.getuid?.() ?? null;
  const engines = createEngines({ variables: process.env, home: homedir(), uid, log: silentLog });
  const places = (await engines.places(null)).filter(isEligible).map(({ host }) => host);
  const hosts = places.filter((host) => host.startsWith('unix://'));
  const answers = await Promise.all(
    hosts.map((host) =>
      engines.ask(host).then(
        () => true,
        () => false,
      ),
    ),
  );
  return hosts.filter((_, index) => answers[index]);
}
