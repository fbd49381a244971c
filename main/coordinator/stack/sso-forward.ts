// Tries a page that Traefik shows only to people whom Authelia knows: whoever is not signed in is led to Authelia, nowhere else.
import type { SignInWeb, WebWay } from '../../access-ports.ts';
import type { SignInStep } from '../../model/stack/sign-in-test.ts';
import { bad, good, tryAll } from './sso-steps.ts';
import type { Finding } from './sso-steps.ts';

export interface ForwardTrial {
  readonly url: string;
  readonly portal: string;
  readonly web: SignInWeb;
  readonly way: WebWay;
}

const inTheWay = 'See what Traefik and Authelia say: autogit stack logs traefik, autogit stack logs authelia';
/** Where whoever makes up headers would want people to be led. */
const elsewhere = 'elsewhere.invalid';

/** Never rejects. */
export async function tryForward({ url, portal, web, way }: ForwardTrial): Promise<readonly SignInStep[]> {
  const ask = async (headers: Readonly<Record<string, string>>): Promise<Finding> => {
    const { status, location } = await web.ask(`${url}/`, { headers }, way);
    if (location === null)
      return status === 401 || status === 403
        ? bad(`Whoever is not signed in gets status ${status} and is led nowhere.`, inTheWay)
        : bad(
            `Whoever is not signed in gets an answer of the page itself (status ${status}).`,
            `Nobody should: ${inTheWay}`,
          );
    const to = new URL(location);
    if (to.origin !== new URL(portal).origin)
      return bad(`Whoever is not signed in is led to ${to.origin}.`, inTheWay);
    const back = to.searchParams.get('rd') ?? '';
    if (back !== '' && new URL(back).origin !== new URL(url).origin)
      return bad(`After signing in people would be led to ${new URL(back).origin}.`, inTheWay);
    return good(`Whoever is not signed in is led to ${portal}, and from there back.`);
  };
  return tryAll([
    { key: 'sso.forward', label: 'Sign-in before the page', run: () => ask({}) },
    {
      ...{ key: 'sso.forward-forged', label: 'Made-up headers', after: ['sso.forward'] },
      run: async () => {
        const forged = {
          ...{ 'remote-user': 'admin', 'remote-groups': 'admins', 'remote-email': 'admin@localhost' },
          ...{ 'x-forwarded-host': elsewhere, 'x-forwarded-uri': '/', 'x-forwarded-method': 'GET' },
        };
        const found = await ask(forged);
        return found.state === 'good'
          ? good('Who says in headers to be somebody is believed nothing.')
          : found;
      },
    },
  ]);
}
