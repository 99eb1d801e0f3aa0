import type { Finished, Job } from './job.ts';

/** Says where the run is: a line for each file that has finished and, on a terminal, one for those that run. */
export class Progress {
  readonly #total: number;
  readonly #running = new Map<Job, number>();
  #done = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(total: number) {
    this.#total = total;
    if (process.stdout.isTTY) this.#timer = setInterval(() => this.#drawStatus(), 1000);
  }

  begin(job: Job): void {
    this.#running.set(job, performance.now());
    this.#drawStatus();
  }

  end({ job, seconds, counts, failures, output }: Finished): void {
    this.#running.delete(job);
    this.#done += 1;
    const place = `${this.#done}`.padStart(`${this.#total}`.length);
    const { pass, skipped } = counts;
    const result = [`${pass} passed`, failures.length > 0 && `${failures.length} FAILED`, skipped > 0 && `${skipped} skipped`];
    this.#print(
      `[${place}/${this.#total}] ${job.database.padEnd(10)} ${seconds.toFixed(1).padStart(5)} s  ${job.file}  ${result.filter(Boolean).join(', ')}`,
    );
    for (const { name, error } of failures) this.#print(`\n${job.file} (${job.database}): ${name}\n${indented(error)}\n`);
    if (failures.length > 0 && output !== '') this.#print(`Output of ${job.file}:\n${indented(output)}`);
  }

  close(): void {
    clearInterval(this.#timer);
    this.#print('');
  }

  #print(text: string): void {
    const clear = process.stdout.isTTY ? '\r\x1b[2K' : '';
    process.stdout.write(`${clear}${text}\n`);
    this.#drawStatus();
  }

  #drawStatus(): void {
    if (!process.stdout.isTTY) return;
    const running = [...this.#running].map(([{ file }, since]) => `${file} ${((performance.now() - since) / 1000).toFixed(0)} s`);
    const line = `${this.#done} of ${this.#total} done; running: ${running.join(', ')}`;
    process.stdout.write(`\r\x1b[2K${line.slice(0, process.stdout.columns - 1)}`);
  }
}

function indented(text: string): string {
  return text.trimEnd().replaceAll(/^/gm, '    ');
}
