import { isIP, isIPv4 } from 'node:net';
import ipaddr from 'ipaddr.js';

/**
 * The one form of an IP address: IPv4 in dotted decimals, IPv6 as RFC 5952 writes it. `null` if the text is no address. Takes what proxies write
 * (RFC 7239 section 6): a port, brackets, quotes. IPv4 within IPv6 (mapped, RFC 4291 section 2.5.5.2; translated by NAT64, RFC 6052) is IPv4, in
 * whichever digits it is written; a zone is dropped.
 */
export function parseAddress(text: string): string | null {
  if (text.length > LONGEST) return null;
  const bare = withoutPort(text.trim().replace(/^"(.*)"$/, '$1'));
  // Node's own rule: no octal, hexadecimal or short forms of IPv4.
  if (isIP(bare) === 0) return null;
  if (isIPv4(bare)) return bare;
  const address = ipaddr.IPv6.parse(bare.replace(/%.*$/, ''));
  return embeddedIPv4(address) ?? address.toRFC5952String();
}

/** The address, or of an IPv6 address its first `prefix` bits: a client has a whole IPv6 network, and takes any address of it. */
export function clientNetwork(ip: string, prefix: number): string {
  const canonical = parseAddress(ip);
  if (canonical === null || isIPv4(canonical)) return canonical ?? ip;
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${canonical}/${prefix}`).toRFC5952String()}/${prefix}`;
}

/** Characters; a quoted IPv6 address with zone and port has fewer. */
const LONGEST = 100;

function withoutPort(text: string): string {
  const [, bracketed, beforePort] = /^\[([^[\]]*)\](?::\d{1,5})?$|^([\d.]+):\d{1,5}$/.exec(text) ?? [];
  return bracketed ?? beforePort ?? text;
}

function embeddedIPv4(address: ipaddr.IPv6): string | null {
  if (address.isIPv4MappedAddress()) return address.toIPv4Address().toString();
  if (address.range() !== 'rfc6052') return null;
  return ipaddr.fromByteArray(address.toByteArray().slice(12)).toString();
}
