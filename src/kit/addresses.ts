import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The canonical form of an IP address: IPv4 in dotted decimal, IPv6 by RFC 5952; `null` if the text is not an address. Accepts what proxies write
 * (RFC 7239 section 6): a port, brackets, quotes. IPv4 embedded in IPv6 (mapped, RFC 4291 section 2.5.5.2; NAT64, RFC 6052) becomes IPv4. A zone is
 * dropped.
 */
export function parseAddress(text: string): string | null {
  if (text.length > MAX_LENGTH) return null;
  const bare = withoutPort(text.trim().replace(/^"(.*)"$/, '$1'));
  // Node's own rule: no octal, hexadecimal or short forms of IPv4.
  if (isIP(bare) === 0) return null;
  if (isIPv4(bare)) return bare;
  const address = ipaddr.IPv6.parse(bare.replace(/%.*$/, ''));
  return embeddedIPv4(address) ?? address.toRFC5952String();
}

/** The address, or the first `prefix` bits of an IPv6 address: a client can use every address of its IPv6 network. */
export function clientNetwork(ip: string, prefix: number): string {
  const canonical = parseAddress(ip);
  if (canonical === null || isIPv4(canonical)) return canonical ?? ip;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/${prefix}`).toRFC5952String()}/${prefix}`;
}

/** Maximum characters; a quoted IPv6 address with zone and port has fewer. */
const MAX_LENGTH = 100;

function withoutPort(text: string): string {
  const [, bracketed, beforePort] = /^\[([^[\]]*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  return bracketed ?? beforePort ?? text;
}

function embeddedIPv4(address: ipaddr.IPv6): string | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  if (address.range() !== 'rfc6052') return null;
  return ipaddr.fromByteArray(address.toByteArray().slice(12)).toString();
}
