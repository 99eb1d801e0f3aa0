import type { EventRecord, Kit, Plugin } from 'allauth-kit/plugin';

/** Config: `PLUGINS: ['./plugins/example-event-listener.ts#ExampleEventListener']` */
export class ExampleEventListener implements Plugin {
  /** Under this name the database keeps how far it has heard, so it must not change. */
  readonly name = 'example-event-listener';
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  /** At least once for each event, in their order, in the background: what it throws is tried again. */
  async onEvent(event: EventRecord): Promise<void> {
    if (event.type === 'login') this.#kit.log.info({ event: event.id, user: event.userId }, 'a user logged in');
  }
}
