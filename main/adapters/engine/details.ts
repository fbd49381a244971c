// What an engine says of itself beyond what AutoGit needs to use it: for people who look at their machine.
import { z } from 'zod';
import type { EngineDesktop, EngineDetails } from '../../model/machine.ts';

const text = z.string().nullish().catch(null);
const texts = z.array(z.string()).nullish().catch(null);

/** Parts of Docker's answer to `GET /info`: https://docs.docker.com/reference/api/engine/version/v1.51/#tag/System */
const dockerDetails = z.object({
  Name: text,
  OperatingSystem: text,
  KernelVersion: text,
  CgroupDriver: text,
  DefaultRuntime: text,
  DriverStatus: z.array(z.array(z.unknown())).nullish().catch(null),
  CDISpecDirs: texts,
  DefaultAddressPools: z
    .array(z.object({ Base: z.string(), Size: z.int() }))
    .nullish()
    .catch(null),
  LiveRestoreEnabled: z.boolean().nullish().catch(null),
  HttpProxy: text,
  HttpsProxy: text,
  NoProxy: text,
  Labels: texts,
  FirewallBackend: z.object({ Driver: z.string() }).nullish().catch(null),
  SecurityOptions: texts,
  Warnings: texts,
});

function known(value: string | null | undefined): string | null {
  return value === undefined || value === null || value.trim() === '' ? null : value.trim();
}

/** A proxy without the name and the password in it. */
export function maskProxy(value: string): string {
  return value.replace(/^([a-z][a-z0-9+.-]*:\/\/)?.*@/i, (_, scheme: string | undefined) => scheme ?? '');
}

function proxiesOf(proxies: readonly (readonly ['http' | 'https' | 'except', string | null | undefined])[]) {
  return proxies.flatMap(([kind, value]) => {
    const text = known(value);
    if (text === null) return [];
    return [{ kind, value: kind === 'except' ? text : maskProxy(text) }];
  });
}

/** By the words with which each names itself; its virtual machine is then another than this one. */
function desktopOf({ Name, OperatingSystem, Labels }: z.output<typeof dockerDetails>): EngineDesktop {
  const system = known(OperatingSystem) ?? '';
  const isDocker =
    /^docker desktop\b/i.test(system) ||
    Name === 'docker-desktop' ||
    (Labels ?? []).some((label) => label.startsWith('com.docker.desktop.'));
  if (isDocker) return 'docker-desktop';
  if (/^rancher desktop\b/i.test(system) || /^lima-rancher-desktop$/.test(Name ?? ''))
    return 'rancher-desktop';
  if (/^orbstack\b/i.test(system) || Name === 'orbstack') return 'orbstack';
  return /^colima(?:-|$)/.test(Name ?? '') ? 'colima' : 'none';
}

/** Words that engines write before each warning, and that say nothing. */
function warningsOf(warnings: readonly string[]): string[] {
  return warnings.map((warning) => warning.replace(/^WARNING:\s*/i, '').trim()).filter((line) => line !== '');
}

const nothing: EngineDetails = {
  ...{ desktop: null, operatingSystem: null, kernel: null, storageFileSystem: null, cgroupDriver: null },
  ...{ defaultRuntime: null, cdiFolders: null, addressPools: null, liveRestore: null, proxies: null },
  ...{ firewall: null, security: null, warnings: null },
};

/** What Docker says. A part of another form is not known. Never throws. */
export function parseDockerDetails(answer: unknown): EngineDetails {
  const parsed = dockerDetails.safeParse(answer);
  if (!parsed.success) return nothing;
  const { data } = parsed;
  const storage = data.DriverStatus?.find(([name]) => name === 'Backing Filesystem')?.[1];
  const hasProxies = 'HttpProxy' in data && typeof data.HttpProxy === 'string';
  return {
    desktop: known(data.OperatingSystem) === null ? null : desktopOf(data),
    operatingSystem: known(data.OperatingSystem),
    kernel: known(data.KernelVersion),
    storageFileSystem: typeof storage === 'string' ? known(storage) : null,
    cgroupDriver: known(data.CgroupDriver),
    defaultRuntime: known(data.DefaultRuntime),
    cdiFolders: data.CDISpecDirs ?? null,
    addressPools: (data.DefaultAddressPools ?? []).map(({ Base, Size }) => ({ base: Base, size: Size })),
    liveRestore: data.LiveRestoreEnabled ?? null,
    proxies: hasProxies
      ? proxiesOf([
          ['http', data.HttpProxy],
          ['https', data.HttpsProxy],
          ['except', data.NoProxy],
        ])
      : null,
    firewall: known(data.FirewallBackend?.Driver),
    security: data.SecurityOptions ?? null,
    // Docker writes no list at all where it has nothing to say.
    warnings: warningsOf(data.Warnings ?? []),
  };
}

/** Parts of Podman's own `info`: https://docs.podman.io/en/latest/_static/api.html#tag/system/operation/SystemInfoLibpod */
const podmanDetails = z.object({
  host: z
    .object({
      kernel: text,
      cgroupManager: text,
      distribution: z.object({ distribution: text, version: text }).nullish().catch(null),
      ociRuntime: z.object({ name: text }).nullish().catch(null),
      networkBackend: text,
      security: z
        .object({
          apparmorEnabled: z.boolean().nullish().catch(null),
          seccompEnabled: z.boolean().nullish().catch(null),
          selinuxEnabled: z.boolean().nullish().catch(null),
        })
        .nullish()
        .catch(null),
    })
    .nullish()
    .catch(null),
  store: z
    .object({ graphStatus: z.record(z.string(), z.unknown()).nullish().catch(null) })
    .nullish()
    .catch(null),
});

/** What Podman says. It has no daemon, so that nothing of its own goes down with one. Never throws. */
export function parsePodmanDetails(answer: unknown): EngineDetails {
  const parsed = podmanDetails.safeParse(answer);
  if (!parsed.success) return nothing;
  const { host, store } = parsed.data;
  const { distribution, security } = host ?? {};
  const system = [distribution?.distribution, distribution?.version].filter((word) => known(word) !== null);
  const storage = store?.graphStatus?.['Backing Filesystem'];
  const kinds = [
    ...(security?.apparmorEnabled === true ? ['name=apparmor'] : []),
    ...(security?.seccompEnabled === true ? ['name=seccomp'] : []),
    ...(security?.selinuxEnabled === true ? ['name=selinux'] : []),
  ];
  return {
    ...nothing,
    operatingSystem: system.length === 0 ? null : system.join(' '),
    kernel: known(host?.kernel),
    storageFileSystem: typeof storage === 'string' ? known(storage) : null,
    cgroupDriver: known(host?.cgroupManager),
    defaultRuntime: known(host?.ociRuntime?.name),
    liveRestore: host === null || host === undefined ? null : true,
    security: security === null || security === undefined ? null : kinds,
  };
}
