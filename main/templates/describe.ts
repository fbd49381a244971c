// What answers and manifests say of a stack by themselves: addresses, names, memory, what is waited for.
import { addressOf, networkNames, networkOf, projectOf, publicNames, sshAddress } from './context.ts';
import type { NetworkName, Subnets } from './context.ts';
import type { Chosen } from './gather.ts';
import type { Scope } from './liquid.ts';
import { defaultsOf } from './select.ts';
import type { Settled } from './settle.ts';
import type { AnswerValue, StackAnswers } from '../model/stack/answers.ts';
import type { RenderedStack } from '../model/stack/stack.ts';

type Described = Omit<
  RenderedStack,
  'services' | 'files' | 'secrets' | 'images' | 'ports' | 'folders' | 'grants' | 'harmless'
>;

const networkTexts: Readonly<Record<NetworkName, string>> = {
  edge: 'Traefik and what it serves',
  inner: 'GitLab and runners',
  socket: 'Traefik and the filter before the engine, closed to everything else',
};

/** Everything of a stack that no file has to be rendered for. */
export function describe(settled: Settled, chosen: readonly Chosen[], subnets: Subnets): Described {
  const { answers, domain, address, address6, sizes } = settled;
  const { lab, ports } = answers;
  const manifests = chosen.map(({ template }) => template.manifest);
  const scope: Scope = chosen[0]?.scope ?? {};
  const addresses = [address, ...(address6 === null ? [] : [address6])];
  const templates = chosen.map(({ template }) => template);
  return {
    ...{ project: projectOf(lab), lab, domain, preset: sizes.name, data: answers.data },
    gitlabUrl: addressOf('https', `gitlab.${domain}`, ports.https),
    sshUrl: sshAddress(domain, ports.ssh),
    answers: withTemplateDefaults(answers, chosen),
    templates: manifests.map(({ id }) => id),
    networks: networkNames.flatMap((name) => {
      const range = subnets.get(name);
      return range === undefined
        ? []
        : [{ name: networkOf(lab, name), subnet: range.subnet, what: networkTexts[name] }];
    }),
    names: publicNames(templates, scope).map(({ name, what }) => ({
      name: `${name}.${domain}`,
      what,
      addresses,
    })),
    milestones: manifests.flatMap(({ milestones }) =>
      milestones.map(({ key, service, waiting, usually, log = null }) => ({
        key,
        service,
        waiting,
        usually,
        log,
      })),
    ),
    memory: memoryOf(settled, chosen),
  };
}

function withTemplateDefaults(answers: StackAnswers, chosen: readonly Chosen[]): StackAnswers {
  const own = chosen.map(({ template: { manifest } }): [string, Record<string, AnswerValue>] => {
    const all = { ...defaultsOf(manifest.questions), ...answers.templates[manifest.id] };
    return [
      manifest.id,
      Object.fromEntries(
        Object.entries(all).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
      ),
    ];
  });
  return { ...answers, templates: { ...answers.templates, ...Object.fromEntries(own) } };
}

/** Sums of the manifests; what GitLab takes says the preset. */
function memoryOf({ sizes }: Settled, chosen: readonly Chosen[]): RenderedStack['memory'] {
  const needs = chosen.map(({ template: { manifest } }) =>
    manifest.id === 'gitlab' ? sizes : manifest.memory,
  );
  return {
    leastMiB: needs.reduce((sum, { leastMiB }) => sum + leastMiB, 0),
    usualMiB: needs.reduce((sum, { usualMiB }) => sum + usualMiB, 0),
  };
}

/** Lines of each service's log that mean nothing, as its template says. */
export function harmlessOf(
  services: readonly { readonly name: string; readonly template: string }[],
  chosen: readonly Chosen[],
): RenderedStack['harmless'] {
  return Object.fromEntries(
    services.map(({ name, template }) => [
      name,
      chosen.find((one) => one.template.manifest.id === template)?.template.manifest.harmless ?? [],
    ]),
  );
}
