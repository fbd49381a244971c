// Requests that only try something and say whether it is good.
import type { CallName, CoreDoor, Output } from '../../contract/contract.ts';
import type { CliWorld } from '../access.ts';
import { reachCore } from '../reach.ts';
import type { View } from '../render/text.ts';
import type { Asked } from '../request.ts';

type CheckName = {
  [N in CallName]: Output<N> extends { readonly good: boolean } ? N : never;
}[CallName];

/** Shows what a check has found. Resolves with the exit code: 1 where it is not good. */
export async function showCheck<N extends CheckName>(
  { asked, world, view }: { readonly asked: Asked; readonly world: CliWorld; readonly view: View },
  call: (door: CoreDoor) => Promise<Output<N>>,
  render: (found: Output<N>, view: View) => string,
): Promise<number> {
  const reached = await reachCore(world, { act: false, observe: false, needsHome: false });
  try {
    const found = await call(reached.door);
    world.out.write(asked.flags.json ? `${JSON.stringify(found, null, 2)}\n` : render(found, view));
    return found.good ? 0 : 1;
  } finally {
    await reached.close();
  }
}
