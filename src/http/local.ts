import { isLoopbackAddress, isLoopbackHost } from '../settings/loopback.ts';

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
  return (
    isLoopbackAddress(remoteAddress) && isLoopbackHost(host.replace(/:\d{1,5}$/, '')) && FORWARDING.every((name) => header(name) === '')
  );
}
