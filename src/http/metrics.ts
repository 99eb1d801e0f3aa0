import type { Registry } from 'prom-client';
import { hashingLoad } from '../kit/credentials/hashing/pool.ts';
import type { Kit } from '../kit/kit.ts';
import type { PageReply } from './area.ts';

/** What is measured of one server. */
export interface Metrics {
  /** @param seconds that the answer took */
  observe(request: { method: string; route: string; status: number; seconds: number }): void;
  page(): Promise<PageReply>;
}

/** Seconds; a refresh takes about a millisecond, a login about a tenth of a second. */
const BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Starts to measure, for GET /metrics in the text format of Prometheus. The library is loaded by whoever wants this alone. */
export function startMetrics(kit: Kit): Metrics {
  const registry = makeRegistry(kit);
  let observe: Metrics['observe'] = () => undefined;
  void registry.then((made) => (observe = made.observe)).catch((error: unknown) => kit.log.error({ err: error }, 'metrics cannot be kept'));
  return {
    observe: (request) => observe(request),
    async page() {
      const { registry: made } = await registry;
      return { status: 200, headers: { 'Content-Type': made.contentType, 'Cache-Control': 'no-store' }, body: await made.metrics() };
    },
  };
}

async function makeRegistry(kit: Kit): Promise<{ registry: Registry; observe: Metrics['observe'] }> {
  const { Counter, Gauge, Histogram, Registry: Made, collectDefaultMetrics } = await import('prom-client');
  const registry = new Made();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const events = new Counter({ name: 'allauth_events_total', help: 'Events of the audit log.', labelNames: ['type'], registers });
  kit.onEvents.add((committed) => {
    for (const { type } of committed) events.inc({ type });
  });
  new Counter({
    name: 'allauth_refreshes_total',
    help: 'Refreshed token pairs.',
    registers,
    collect() {
      this.reset();
      this.inc(kit.tallies.total('refresh'));
    },
  });
  new Gauge({
    name: 'allauth_hashing_jobs',
    help: 'Passwords that are hashed or wait for it, in this process.',
    registers,
    collect() {
      this.set(hashingLoad().jobs);
    },
  });
  new Gauge({ name: 'allauth_hashing_jobs_limit', help: 'From how many on they are refused with 503.', registers }).set(
    hashingLoad().limit,
  );
  const requests = new Histogram({
    name: 'allauth_request_duration_seconds',
    help: 'Time that answers took.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers,
  });
  return {
    registry,
    observe: ({ method, route, status, seconds }) => requests.observe({ method, route, status: String(status) }, seconds),
  };
}
