// Kinds of devices, and how each of them is told to trust a root.

export const deviceSystems = ['ios', 'android', 'windows', 'macos', 'linux', 'firefox'] as const;
export type DeviceSystem = (typeof deviceSystems)[number];

export interface TrustGuide {
  readonly title: string;
  readonly steps: readonly string[];
}

/** Which systems a browser seems to run on, the likeliest first; `[]`: it does not say. */
export function systemsOf(agent: string): readonly DeviceSystem[] {
  const own = systemOf(agent);
  if (own === null) return [];
  // Only there it has roots of its own: on the others it takes the system's.
  const isOwnStore = /Firefox\//.test(agent) && (own === 'linux' || own === 'android');
  return isOwnStore ? ['firefox', own] : own === 'macos' ? ['macos', 'ios'] : [own];
}

function systemOf(agent: string): DeviceSystem | null {
  if (/iPhone|iPad|iPod/.test(agent)) return 'ios';
  if (agent.includes('Android')) return 'android';
  if (agent.includes('Windows')) return 'windows';
  // An iPad says the same.
  if (agent.includes('Macintosh')) return 'macos';
  return /Linux|X11|CrOS/.test(agent) ? 'linux' : null;
}

/** What the steps name. */
export interface GuideParts {
  /** `AutoGit lab`, as systems show the root. */
  readonly name: string;
  readonly lab: string;
  /** File with the root: `root.crt`. */
  readonly file: string;
}

/**
 * https://support.apple.com/en-us/102390, https://support.google.com/pixelphone/answer/2844832,
 * https://support.mozilla.org/en-US/kb/automatically-trust-third-party-certificates
 */
export function guideFor(system: DeviceSystem, { name, lab, file }: GuideParts): TrustGuide {
  switch (system) {
    case 'ios':
      return {
        title: 'iPhone and iPad',
        steps: [
          'Open this page in Safari, get the profile (root.mobileconfig), and allow the download.',
          `Settings > General > VPN & Device Management > ${name} > Install.`,
          `Settings > General > About > Certificate Trust Settings: switch on full trust for ${name}. Without this step nothing changes.`,
        ],
      };
    case 'android':
      return {
        title: 'Android',
        steps: [
          `Download ${file}.`,
          'Settings > Security and privacy > More > Encryption and credentials > Install a certificate > CA certificate > Install anyway. Searching the settings for "CA certificate" leads there, too.',
          `Choose ${file} among the downloads. Browsers trust it from now on; most other apps trust no roots of their owners.`,
        ],
      };
    case 'windows':
      return {
        title: 'Windows',
        steps: [
          `Download ${file} and open it.`,
          'Install Certificate > Current User > Place all certificates in the following store > Browse > Trusted Root Certification Authorities.',
          'Compare the fingerprint in the warning that follows (Windows shows the shorter SHA-1 there; Details shows more), and say yes.',
          `Or in a terminal: certutil -user -addstore Root ${file}`,
        ],
      };
    case 'macos':
      return macGuide(name, file);
    case 'linux':
      return linuxGuide(name, lab);
    case 'firefox':
      return {
        title: 'Firefox',
        steps: [
          'On Windows and Mac Firefox trusts what the system trusts: follow its steps.',
          `On Linux: Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import, choose root.pem, and trust it to identify websites.`,
          'On Android: follow the steps for Android, then Settings > About Firefox, tap the logo five times, go back to Secret Settings, and switch on "Use third party CA certificates".',
        ],
      };
  }
}

function macGuide(name: string, file: string): TrustGuide {
  return {
    title: 'Mac',
    steps: [
      `Download ${file} and open it: Keychain Access adds it to the login keychain.`,
      `In Keychain Access open ${name}, then Trust > When using this certificate: Always Trust.`,
      `Or in a terminal: sudo security add-trusted-cert -d -r trustRoot -k /Library/Keychains/System.keychain ${file}`,
    ],
  };
}

function linuxGuide(name: string, lab: string): TrustGuide {
  return {
    title: 'Linux',
    steps: [
      'Download root.pem.',
      `Debian, Ubuntu: sudo cp root.pem /usr/local/share/ca-certificates/autogit-${lab}.crt && sudo update-ca-certificates`,
      `Fedora, RHEL: sudo cp root.pem /etc/pki/ca-trust/source/anchors/autogit-${lab}.pem && sudo update-ca-trust extract`,
      `Arch: sudo trust anchor --store root.pem`,
      `Chrome and Chromium: certutil -d sql:$HOME/.pki/nssdb -A -t "C,," -n "${name}" -i root.pem (newer ones: sql:$HOME/.local/share/pki/nssdb)`,
    ],
  };
}
