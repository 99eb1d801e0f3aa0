import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestContext } from 'node:test';
import cors from '@koa/cors';
import { build } from 'esbuild';
import type { BrowserContext, Page } from 'playwright-core';
import type { Config } from 'allauth-kit';
import type { ClientOptions } from 'allauth-kit/client';
import { jwtAuth, type AuthState } from 'allauth-kit/koa';
import { launchChromium } from '../../support/chromium.ts';
import { defer } from '../../support/cleanup.ts';
import { testServer, type TestServer } from '../../support/server.ts';
import type {} from './page.ts'; // what `tab` is
import { faultyProxy, type Proxy } from './proxy.ts';
import { PATIENCE } from '../../support/until.ts';

/** Of one site and not of one host: cookies go along, and no script of the page can read them. Browsers take both for this machine. */
const PAGE_HOST = 'app.example.localhost';
const AUTH_HOST = 'auth.example.localhost';

export interface Scene {
  readonly server: TestServer;
  readonly proxy: Proxy;
  /** Where the pages reach the server: by the proxy, below a host that is not the page's. */
  readonly url: string;
  /** The tabs of one browser share its cookies and its localStorage. */
  readonly browser: BrowserContext;
  /** A tab with a client in `globalThis.tab.auth`. */
  open(options?: TabOptions): Promise<Page>;
}

export interface TabOptions extends Pick<ClientOptions, 'client' | 'margin'> {
  /** Keeps what it has in localStorage; default: false. */
  shared?: boolean;
  /** Default: that of the scene. */
  baseUrl?: string;
  /** Of the page; default: that of the scene, the one that CORS_ALLOWED_ORIGINS names. */
  host?: string;
}

/** A server with a guarded API at /api/…, a line to it that can break, and a real browser with pages from a server of their own. */
export async function browserScene(t: TestContext, settings: Config = {}, pageHost = PAGE_HOST): Promise<Scene> {
  const pages = await pageServer(t);
  const origin = `http://${pageHost}:${pages}`;
  const server = await testServer(
    t,
    { CORS_ALLOWED_ORIGINS: [origin], ...settings },
    {
      use: (allauth) => [
        cors({ origin: (context) => context.get('Origin'), credentials: true }),
        jwtAuth(allauth),
        async (context) => {
          context.body = { sub: (context.state as AuthState).auth.sub };
        },
      ],
    },
  );
  const proxy = await faultyProxy(t, server.url);
  const url = proxy.url.replace('127.0.0.1', AUTH_HOST);
  const browser = await (await launchChromium(t)).newContext();
  browser.setDefaultTimeout(PATIENCE);
  return {
    server,
    proxy,
    url,
    browser,
    async open({ shared = false, host = pageHost, ...options } = {}) {
      const page = await browser.newPage();
      await page.goto(`http://${host}:${pages}/`);
      await start(page, { baseUrl: url, ...options }, shared);
      return page;
    },
  };
}

/** Makes the client of a page that has just been loaded. */
export async function start(page: Page, options: Omit<TabOptions, 'shared' | 'host'> & { baseUrl: string }, shared = true): Promise<void> {
  await page.waitForFunction(() => 'tab' in globalThis);
  await page.evaluate(({ options, shared }) => tab.open(options, shared), { options, shared });
}

let bundle: Promise<string> | undefined;

/** Serves an empty page with the client; its port. */
async function pageServer(t: TestContext): Promise<number> {
  bundle ??= bundlePage();
  const script = await bundle;
  const server = createServer(({ url }, response) => {
    const isScript = url === '/page.js';
    response.setHeader('Content-Type', isScript ? 'text/javascript' : 'text/html; charset=utf-8');
    response.end(isScript ? script : '<!doctype html><title>page</title><script type="module" src="/page.js"></script>');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  defer(t, () => {
    server.closeAllConnections();
    server.close();
  });
  // A TCP server that listens has an address of this form.
  return (server.address() as AddressInfo).port;
}

async function bundlePage(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [new URL('page.ts', import.meta.url).pathname],
    bundle: true,
    format: 'esm',
    platform: 'browser',
    conditions: ['allauth-source'],
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}
