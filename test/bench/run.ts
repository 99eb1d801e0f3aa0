// `npm run bench`: measures the product against the floor and itself, and holds the ratios against their goals. See docs/bench.md.
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import { PINNED, pinLoad } from './child.ts';
import { MEASURES, type Goal, type Measured } from './measure.ts';

/** How far a figure may miss its goal before `--check` fails: two runs on one machine differ as much. */
const SLACK = 0.15;

const USAGE = `npm run bench -- [--only ${Object.keys(MEASURES).join(',')}] [--rounds 9] [--seconds 1] [--refreshes 100000] [--sessions 1000000] [--pairs 300] [--check]`;

const { values: given } = parseArgs({
  options: {
    only: { type: 'string', default: Object.keys(MEASURES).join(',') },
    rounds: { type: 'string', default: '9' },
    seconds: { type: 'string', default: '1' },
    refreshes: { type: 'string', default: '100000' },
    sessions: { type: 'string', default: '1000000' },
    pairs: { type: 'string', default: '300' },
    check: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});

if (given.help) console.log(USAGE);
else process.exitCode = await run();

async function run(): Promise<number> {
  const names = given.only.split(',');
  const { rounds, seconds, refreshes, sessions, pairs } = Object.fromEntries(
    (['rounds', 'seconds', 'refreshes', 'sessions', 'pairs'] as const).map((name) => [name, Number(given[name])]),
  ) as Record<'rounds' | 'seconds' | 'refreshes' | 'sessions' | 'pairs', number>;
  if (names.some((name) => !(name in MEASURES)) || ![rounds, seconds, refreshes, sessions, pairs].every((each) => each > 0)) {
    console.error(USAGE);
    return 2;
  }
  const scripts = build();
  pinLoad();
  console.log(machine());
  const goals: Goal[] = [];
  for (const name of names) {
    console.log(`\n## ${name}`);
    const measured = await MEASURES[name]?.({ rounds, seconds, refreshes, sessions, pairs, scripts });
    if (measured) goals.push(...report(measured));
  }
  const missed = goals.filter((goal) => isMissed(goal, SLACK));
  if (given.check && missed.length > 0) console.error(`\nMissed: ${missed.map(({ what }) => what).join('; ')}`);
  return given.check && missed.length > 0 ? 1 : 0;
}

function report({ goals, rows }: Measured): Goal[] {
  console.log(table(rows));
  for (const goal of goals) {
    const verdict = isMissed(goal, SLACK) ? 'MISSED' : isMissed(goal, 0) ? 'missed, within the slack' : 'met';
    console.log(`${goal.what}: ${goal.value.toFixed(2)} (goal: at ${goal.bound} ${goal.goal}) ${verdict}`);
  }
  return goals;
}

function isMissed({ value, bound, goal }: Goal, slack: number): boolean {
  // Written so that a figure that could not be had counts as missed.
  return bound === 'least' ? !(value >= goal * (1 - slack)) : !(value <= goal * (1 + slack));
}

function table(rows: Measured['rows']): string {
  const columns = [...new Set(rows.flatMap((row) => Object.keys(row)))];
  const cells = [columns, columns.map(() => '---'), ...rows.map((row) => columns.map((column) => String(row[column] ?? '')))];
  const widths = columns.map((_, index) => Math.max(...cells.map((line) => line[index]?.length ?? 0)));
  return cells.map((line) => `| ${line.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join(' | ')} |`).join('\n');
}

function machine(): string {
  const [cpu] = cpus();
  const load = loadavg().map((each) => each.toFixed(1));
  return [
    `Node ${process.version}, ${process.platform} ${process.arch}, ${cpus().length} x ${cpu?.model.trim() ?? 'CPU'}, load ${load.join(' ')}`,
    PINNED ? 'Servers on CPU 1, load on CPU 0.' : 'Servers and load share all CPUs: no taskset here, or one CPU alone.',
  ].join('\n');
}
