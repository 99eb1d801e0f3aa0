import { BlockList, isIP } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Headers that a proxy adds. What came through one was not sent from this computer. */
const FORWARDING = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-forwarded-proto', 'x-real-ip'] as const;

/** What tells where a request comes from: the socket's peer, and the headers. */
export interface LocalSubject {
  /** Address of the socket's peer, not of what a header says. */
  remoteAddress: string;
  /** The Host header. */
  host: string;
  header: (name: string) => string;
}

/**
 * Whether the request comes from this computer and was meant for it. The name counts too: a page of another site can have a name of its own
 * resolved to 127.0.0.1 (DNS rebinding).
 */
export function isLocalRequest({ remoteAddress, host, header }: LocalSubject): boolean {
  return isLoopback(remoteAddress) && isLoopbackHost(host) && FORWARDING.every((name) => header(name) === '');
}

function isLoopbackHost(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase();
  return name === 'localhost' || name.endsWith('.localhost') || isLoopback(name.replace(/^\[(.*)\]$/, '$1'));
}

function isLoopback(address: string): boolean {
  const family = isIP(address);
  // A BlockList reads `::ffff:127.0.0.1` as the IPv4 address.
  return family !== 0 && LOOPBACK.check(address, family === 6 ? 'ipv6' : 'ipv4');
}
