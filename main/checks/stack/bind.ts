// The one address that ports are published on, where the answers name one.
import { withStack } from './check.ts';
import { boundAddress } from '../../model/stack/answers.ts';

function isLoopback(address: string): boolean {
  return address.startsWith('127.') || address === '::1';
}

export const checkBind = withStack((stack, { around: { addresses, addresses6 } }) => {
  const { address, address6 } = stack.answers;
  const bind = boundAddress(stack.answers);
  if (bind === null) return [];
  const known = [...addresses, ...addresses6];
  const evidence = [`Addresses of this machine: ${known.length === 0 ? 'none known' : known.join(', ')}`];
  if (!isLoopback(bind) && known.length > 0 && !known.includes(bind))
    return [
      {
        ...{ key: 'stack.bind-elsewhere', severity: 'error', subject: bind, evidence },
        message: `The stack's ports are to be published on ${bind}, which this machine does not have: no service with a port can start.`,
        next: 'Correct `bind` in the answers, or take it out, and bring the stack up again.',
      },
    ];
  if (bind === address || bind === address6) return [];
  return [
    {
      ...{ key: 'stack.bind-unnamed', severity: 'warning', subject: bind, evidence },
      message: `The stack answers on ${bind} alone, and its names lead to ${address ?? 'nowhere'}: devices reach it only if something passes them on.`,
      next: 'Answer `address` and `bind` with the same address, or take `bind` out.',
    },
  ];
});
