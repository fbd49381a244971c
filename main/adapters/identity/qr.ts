// Addresses and secrets as QR codes, for cameras of phones.
import { encode } from 'uqr';
import type { RenderQr } from '../../access-ports.ts';

/** Light modules around it, without which cameras do not find it. ISO/IEC 18004, 6.3.8 */
const quietZone = 4;

/** Level M bears 15 % that a screen or a finger hides. */
export const renderQr: RenderQr = (text) =>
  encode(text, { ecc: 'M', border: quietZone }).data.map((row) =>
    row.map((isDark) => (isDark ? '1' : '0')).join(''),
  );
