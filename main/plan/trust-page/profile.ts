// The root as a profile, which iPhones and iPads install.
// https://developer.apple.com/documentation/devicemanagement/certificateroot

/** What a profile is made of. */
export interface ProfileParts {
  readonly name: string;
  readonly lab: string;
  /** `AB:CD:…`, SHA-256. */
  readonly fingerprint: string;
  /** The certificate's bytes. */
  readonly base64: string;
}

export function xmlText(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** The same for the same root, so that a second installation takes the place of the first. A UUID of the free form: https://www.rfc-editor.org/rfc/rfc9562#section-5.8 */
function identityOf(fingerprint: string, at: number): string {
  const hex = fingerprint.replaceAll(':', '').slice(at, at + 32);
  const parts = [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `8${hex.slice(13, 16)}`,
    `A${hex.slice(17, 20)}`,
    hex.slice(20, 32),
  ];
  return parts.join('-').toUpperCase();
}

function entry(key: string, value: string): string {
  return `<key>${key}</key><string>${xmlText(value)}</string>`;
}

export function profileOf({ name, lab, fingerprint, base64 }: ProfileParts): string {
  const identifier = `autogit.${lab}.root`;
  const payload = [
    entry('PayloadCertificateFileName', 'root.crt'),
    `<key>PayloadContent</key><data>${base64}</data>`,
    entry('PayloadDescription', `Lets this device trust the addresses of the lab "${lab}".`),
    entry('PayloadDisplayName', name),
    entry('PayloadIdentifier', `${identifier}.certificate`),
    entry('PayloadType', 'com.apple.security.root'),
    entry('PayloadUUID', identityOf(fingerprint, 0)),
    '<key>PayloadVersion</key><integer>1</integer>',
  ];
  const profile = [
    `<key>PayloadContent</key><array><dict>${payload.join('')}</dict></array>`,
    entry('PayloadDescription', `SHA-256 of the root: ${fingerprint}`),
    entry('PayloadDisplayName', name),
    entry('PayloadIdentifier', identifier),
    '<key>PayloadRemovalDisallowed</key><false/>',
    entry('PayloadType', 'Configuration'),
    entry('PayloadUUID', identityOf(fingerprint, 32)),
    '<key>PayloadVersion</key><integer>1</integer>',
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0"><dict>${profile.join('')}</dict></plist>
`;
}
