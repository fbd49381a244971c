// The stores of roots that matter for a stack on this machine, looked at anew.
import { detectBrowserPlaces } from '../../detect/trust/browsers.ts';
import { detectEngineStore, engineFolder } from '../../detect/trust/engine-store.ts';
import { detectNssStore } from '../../detect/trust/nss-database.ts';
import { detectSystemStore } from '../../detect/trust/system-store.ts';
import type { StackAnswers } from '../../model/stack/answers.ts';
import type { RootStore } from '../../model/trust.ts';
import { defaultDomain } from '../../templates/settle.ts';
import type { RequestContext } from '../requests.ts';
import { stackEngine } from './stack-facts.ts';
import type { HomeRoots } from './trust-roots.ts';

export type StoresContext = Pick<
  RequestContext,
  'probe' | 'engines' | 'settings' | 'coordinator' | 'stack' | 'secrets'
>;

/** Names under which images of the stack are asked for, with the port where that is not 443. */
async function registriesOf(
  answers: StackAnswers,
  { stack: desk }: StoresContext,
): Promise<readonly string[]> {
  const { lab, ports } = answers;
  const domain = answers.domain ?? defaultDomain(lab);
  const rendering = await desk.render(answers).then(
    (rendered) => rendered.rendering,
    () => null,
  );
  const names = rendering?.ok === true ? rendering.stack.names.map(({ name }) => name) : [];
  const asked = [`gitlab.${domain}`, `registry.${domain}`].filter(
    (name) => name.startsWith('gitlab.') || names.includes(name),
  );
  return asked.map((name) => (ports.https === 443 ? name : `${name}:${ports.https}`));
}

/** Folders of the engine in use, and those that have got a root before: by now another engine may be in use. */
async function engineStores(
  given: HomeRoots['given'],
  context: StoresContext,
): Promise<readonly RootStore[]> {
  const { probe, stack: desk } = context;
  const { platform, home } = probe.self();
  if (platform !== 'linux') return [];
  const before = [...given.values()].flat().flatMap((id) => /^engine:(.+)$/.exec(id)?.[1] ?? []);
  const answers = desk.journal.current();
  const asked = answers === null ? null : await stackEngine(context);
  const folders =
    asked?.info.isHere !== true || answers === null || home === null
      ? []
      : (await registriesOf(answers, context)).map((name) => `${engineFolder(asked.info, home)}/${name}`);
  return Promise.all(
    [...new Set([...folders, ...before])].map((folder) =>
      detectEngineStore(folder, folder.split('/').at(-1) ?? '', probe),
    ),
  );
}

/** Looked at one after the other where they ask the same program. Never rejects. */
export async function findStores(
  { known, given }: HomeRoots,
  context: StoresContext,
): Promise<readonly RootStore[]> {
  const { probe } = context;
  const [system, databases, engines] = await Promise.all([
    detectSystemStore(probe, known),
    detectBrowserPlaces(probe).then((found) =>
      Promise.all(found.map((place) => detectNssStore(place, probe))),
    ),
    engineStores(given, context),
  ]);
  return [system, ...databases, ...engines];
}
