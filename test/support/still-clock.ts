import { Clock } from './server.ts';

/** A clock that stands still until it is advanced, for tests of exact bounds. Starts at the real time. */
export class StillClock extends Clock {
  time = Math.floor(Date.now() / 1000);

  override readonly now = (): number => this.time;

  override advance(seconds: number): void {
    this.time += seconds;
  }
}
