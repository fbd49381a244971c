// Networks as the files of a stack have them: they stay what they were, also while none of them is there.
import { parse } from 'yaml';
import { z } from 'zod';
import type { StackFolder } from '../../stack-ports.ts';

const composeFile = z.object({ networks: z.record(z.string(), z.unknown()) });
const network = z.object({
  name: z.string(),
  ipam: z.object({ config: z.tuple([z.object({ subnet: z.string() })], z.unknown()) }),
});

/** Subnets by the networks' names; `{}` also for a file that a person has made their own. Never throws. */
export function subnetsIn(compose: string): Readonly<Record<string, string>> {
  try {
    const networks = Object.values(composeFile.parse(parse(compose)).networks);
    const found = networks.flatMap((one) => network.safeParse(one).data ?? []);
    return Object.fromEntries(found.map(({ name, ipam }) => [name, ipam.config[0].subnet]));
  } catch {
    return {};
  }
}

/** Of the files that a lab has on this machine. Never rejects. */
export async function writtenSubnets(
  lab: string,
  folder: Pick<StackFolder, 'read'>,
): Promise<Readonly<Record<string, string>>> {
  const files = await folder.read(lab).catch(() => null);
  return subnetsIn(files?.find(({ path }) => path === 'compose.yaml')?.content ?? '');
}
