import type { ClientConnection } from '../contracts/plug-points/request.ts';
import { parseAddress } from '../kit/addresses.ts';
import type { Settings } from '../settings/index.ts';

export interface Connection extends ClientConnection {
  encrypted: boolean;
}

/**
 * The client's address. Behind proxies: the header ALLAUTH_TRUSTED_CLIENT_IP_HEADER, or the entry of `X-Forwarded-For` that the outermost of
 * ALLAUTH_TRUSTED_PROXY_COUNT proxies wrote; the client may have made up what stands before it. What is no address is not believed:
 * the proxy's own address counts then, and `unreadable` is called.
 * Source: allauth `core/internal/httpkit.py`.
 */
export function clientAddress(
  settings: Settings,
  { remoteAddress, header }: ClientConnection,
  unreadable: () => void = () => undefined,
): string {
  const claimed = claimedAddress(settings, header);
  const address = claimed === null ? null : parseAddress(claimed);
  if (claimed !== null && address === null) unreadable();
  return address ?? parseAddress(remoteAddress) ?? '';
}

/** Whether the client came by https: by the connection itself, or as SECURE_PROXY_SSL_HEADER tells it. */
export function isSecure({ SECURE_PROXY_SSL_HEADER: told }: Settings, { encrypted, header }: Connection): boolean {
  const [name, value] = told ?? [];
  const said = name === undefined ? '' : header(headerName(name));
  if (!said) return encrypted;
  // Each proxy adds its own word behind the others'.
  return said.split(',')[0]?.trim() === value;
}

/**
 * Whether the Host header names one of ALLOWED_HOSTS: exactly, any subdomain for `.example.org`, anything for `*`. The port is not looked at.
 * Source: Django `validate_host`.
 */
export function isAllowedHost({ ALLOWED_HOSTS }: Settings, host: string): boolean {
  const name = hostName(host);
  if (name === null) return false;
  return ALLOWED_HOSTS.some((pattern) => {
    const wanted = pattern.toLowerCase();
    if (wanted === '*') return true;
    return wanted.startsWith('.') ? name === wanted.slice(1) || name.endsWith(wanted) : name === wanted;
  });
}

/** The host without its port, in lower case, without the final dot; `null` for what is no host. */
function hostName(host: string): string | null {
  const match = /^(\[[\da-f:.]+\]|[a-z\d._-]+)(?::\d{1,5})?$/i.exec(host);
  return match?.[1]?.toLowerCase().replace(/\.$/, '') ?? null;
}

function claimedAddress(
  { ALLAUTH_TRUSTED_CLIENT_IP_HEADER: name, ALLAUTH_TRUSTED_PROXY_COUNT: count }: Settings,
  header: Connection['header'],
) {
  if (name) return header(name).trim() || null;
  if (count === 0) return null;
  return header('x-forwarded-for').split(',').at(-count)?.trim() || null;
}

/** Django writes header names as in CGI: `HTTP_X_FORWARDED_PROTO`. */
function headerName(name: string): string {
  return name
    .replace(/^HTTP_/, '')
    .replaceAll('_', '-')
    .toLowerCase();
}
