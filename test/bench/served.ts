import type { Message } from './child.ts';

/** For a server in a child process: tells its parent where it listens and, when asked, what it has used; stops at SIGTERM. */
export function serveParent(url: string, stop: () => Promise<void>): void {
  const tell = (message: Message): void => void process.send?.(message);
  process.on('message', () => {
    const { user, system } = process.cpuUsage();
    tell({ usage: { cpu: (user + system) / 1000, rss: process.memoryUsage.rss() / 2 ** 20 } });
  });
  process.once('SIGTERM', () => void stop().then(() => process.exit(0)));
  // A parent that is gone will not stop it.
  process.once('disconnect', () => process.exit(0));
  tell({ listening: url });
}
