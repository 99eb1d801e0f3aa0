import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';
import type { Config } from 'allauth-kit';
import type { Child } from './child.ts';
import { Connection } from './connection.ts';
import type { Goal, Measured, MeasureOptions } from './measure.ts';
import { median } from './rounds.ts';
import { newFolder, startProduct } from './servers.ts';

const API = '/_allauth/app/v1';
const PASSWORD = 'correct-horse-battery-staple-7';
const OTHER = 'another-horse-battery-staple-8';

/** Accounts that are asked about in turn. */
const ACCOUNTS = 25;

/**
 * How much better than by chance one request's time may tell an address with an account from one without: the distance of the probability that the one
 * takes longer than the other (Mann and Whitney's statistic) from a half. With 200 pairs chance alone gives up to 0.09 (three standard errors).
 */
const BOUND = 0.1;

interface Question {
  name: string;
  settings?: Config;
  path: string;
  status: number;
  bodyFor: (email: string) => object;
}

const QUESTIONS: readonly Question[] = [
  { name: 'login', path: 'auth/login', status: 400, bodyFor: (email) => ({ email, password: OTHER }) },
  { name: 'signup', path: 'auth/signup', status: 401, bodyFor: (email) => ({ email, password: OTHER }) },
  {
    name: 'signup, by code',
    settings: { ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED: true },
    path: 'auth/signup',
    status: 401,
    bodyFor: (email) => ({ email, password: OTHER }),
  },
  { name: 'reset', path: 'auth/password/request', status: 200, bodyFor: (email) => ({ email }) },
  {
    name: 'reset, by code',
    settings: { ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED: true },
    path: 'auth/password/request',
    status: 401,
    bodyFor: (email) => ({ email }),
  },
  { name: 'code request', path: 'auth/code/request', status: 401, bodyFor: (email) => ({ email }) },
];

/** Whether the time of an answer tells who has an account: pairs of requests, one for an address with an account and one for another, in changing order. */
export async function enumeration({ scripts, pairs }: MeasureOptions): Promise<Measured> {
  const sink = await mailSink();
  const measured: Measured = { goals: [], rows: [] };
  try {
    for (const question of QUESTIONS) {
      const settings: Config = {
        ACCOUNT_EMAIL_VERIFICATION: 'mandatory',
        ACCOUNT_LOGIN_BY_CODE_ENABLED: true,
        EMAIL_HOST: '127.0.0.1',
        EMAIL_PORT: sink.port,
        DEFAULT_FROM_EMAIL: 'noreply@example.org',
        ...question.settings,
      };
      const child = await startProduct(scripts, newFolder('enumeration'), settings);
      const times = await ask(child, question, pairs);
      await child.stop();
      const { goal, row } = judge(question.name, times);
      measured.goals.push(goal);
      measured.rows.push(row);
    }
  } finally {
    sink.close();
  }
  return measured;
}

interface Times {
  known: number[];
  unknown: number[];
}

async function ask(child: Child, { path, status, bodyFor }: Question, pairs: number): Promise<Times> {
  const connection = new Connection(child.url);
  const accounts = Array.from({ length: ACCOUNTS }, (_, index) => `account-${index}@example.org`);
  for (const email of accounts) await connection.ask('POST', `${API}/auth/signup`, { data: { email, password: PASSWORD }, status: 401 });
  const time = async (email: string): Promise<number> => {
    const started = performance.now();
    await connection.ask('POST', `${API}/${path}`, { data: bodyFor(email), status });
    return performance.now() - started;
  };
  const times: Times = { known: [], unknown: [] };
  // The first ones warm up.
  for (let pair = -20; pair < pairs; pair += 1) {
    const emails = {
      known: accounts[Math.abs(pair) % ACCOUNTS] ?? '',
      unknown: `visitor${Math.abs(pair)}-${pair < 0 ? 'a' : 'b'}@example.org`,
    };
    for (const which of Math.random() < 0.5 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)) {
      const took = await time(emails[which]);
      if (pair >= 0) times[which].push(took);
    }
  }
  connection.close();
  return times;
}

function judge(name: string, { known, unknown }: Times): { goal: Goal; row: Measured['rows'][number] } {
  const differences = known.map((time, pair) => time - (unknown[pair] ?? NaN));
  const [low, high] = interval(differences);
  return {
    goal: { what: `${name}: how far one time tells`, value: Math.abs(shareSlower(known, unknown) - 0.5), bound: 'most', goal: BOUND },
    row: {
      question: name,
      pairs: known.length,
      'known, ms': median(known).toFixed(2),
      'unknown, ms': median(unknown).toFixed(2),
      'difference, ms (99 %)': `${median(differences).toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`,
      'known is slower': shareSlower(known, unknown).toFixed(3),
    },
  };
}

/** The probability that one of the first takes longer than one of the second; equal ones count half. */
function shareSlower(ones: readonly number[], others: readonly number[]): number {
  let wins = 0;
  for (const one of ones) for (const other of others) wins += one > other ? 1 : one === other ? 0.5 : 0;
  return wins / (ones.length * others.length);
}

/** Returns the 99 % confidence interval of the median (bootstrap, percentiles). */
function interval(values: readonly number[]): [low: number, high: number] {
  const medians = Array.from({ length: 2000 }, () => median(values.map(() => values[Math.floor(Math.random() * values.length)] ?? NaN)));
  medians.sort((a, b) => a - b);
  return [medians[10] ?? NaN, medians[1989] ?? NaN];
}

/** Takes every mail and forgets it. */
async function mailSink(): Promise<{ port: number; close: () => void }> {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => done());
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo; // of a TCP server that listens
  return { port, close: () => server.close() };
}
