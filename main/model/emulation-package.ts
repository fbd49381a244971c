// How distributions install emulators that containers can use: static ones, registered with `F`.

/** `id` and `like`: `ID` and `ID_LIKE` of https://www.freedesktop.org/software/systemd/man/os-release.html */
export interface Distribution {
  readonly id: string;
  readonly like: readonly string[];
}

interface Way {
  readonly ids: readonly string[];
  readonly command: string;
}

const ways: readonly Way[] = [
  {
    ids: ['debian', 'ubuntu'],
    command: 'apt-get install --no-install-recommends qemu-user-static binfmt-support',
  },
  { ids: ['fedora', 'rhel', 'centos'], command: 'dnf install qemu-user-static' },
  { ids: ['arch'], command: 'pacman -S qemu-user-static qemu-user-static-binfmt' },
];

/** What the file says; nothing of a file that cannot be read. */
export function parseOsRelease(text: string): Distribution {
  const valueOf = (name: string): string => {
    const line = text.split('\n').find((one) => one.startsWith(`${name}=`));
    return line?.slice(name.length + 1).replaceAll(/^["']|["']$/g, '') ?? '';
  };
  return {
    id: valueOf('ID'),
    like: valueOf('ID_LIKE')
      .split(' ')
      .filter((word) => word !== ''),
  };
}

/** The command that installs them, for root; `null`: nobody knows one. */
export function packageCommand({ id, like }: Distribution): string | null {
  const found = ways.find(({ ids }) => [id, ...like].some((name) => ids.includes(name)));
  return found?.command ?? null;
}
