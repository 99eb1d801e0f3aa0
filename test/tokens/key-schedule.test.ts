import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  describeKey,
  describeVerifyOnly,
  hasExpired,
  longestTokenLife,
  nextChange,
  PUBLICATION_DELAY,
  scheduleKeys,
} from '../../src/tokens/keys/key-schedule.ts';
import { formatKeyFile, parseKeyFile } from '../../src/tokens/keys/key-file-format.ts';
import { generateKey } from '../../src/tokens/keys/generate-key.ts';

const key = (generation: number, signsFrom: number, longestLife = 50) => ({ generation, signsFrom, longestLife });

/** Generation, state, and until when each verifies. */
function schedule(keys: readonly ReturnType<typeof key>[], now: number): string[] {
  return scheduleKeys(keys, now).map(({ key: { generation }, state, verifiesUntil }) => `${generation} ${state} ${verifiesUntil}`);
}

test('which key signs, which will, and which only verify', () => {
  const keys = [key(2, 200), key(3, 300, 70), key(1, 100)];
  assert.deepEqual(schedule(keys, 199), ['1 signing 850', '3 next null', '2 next 950']);
  assert.deepEqual(schedule(keys, 200), ['2 signing 950', '3 next null', '1 retired 850']);
  assert.deepEqual(schedule(keys, 300), ['3 signing null', '2 retired 950', '1 retired 850']);
  assert.deepEqual(schedule(keys, 50), ['1 signing 850', '3 next null', '2 next 950'], 'a clock behind all keys');
  assert.deepEqual(schedule([key(1, 100)], 500), ['1 signing null']);
});

test('a key has expired when the last token that it can have signed has', () => {
  const expired = (now: number): boolean[] => scheduleKeys([key(1, 100), key(2, 200)], now).map((each) => hasExpired(each, now));
  assert.deepEqual(expired(849), [false, false]);
  assert.deepEqual(expired(850), [false, true]);
  assert.deepEqual(
    scheduleKeys([key(1, 100), key(2, 200)], 150).map((each) => hasExpired(each, 9999)),
    [false, false],
    'the key that signs',
  );
});

test('when the schedule changes next', () => {
  const keys = [key(1, 100), key(2, 200)];
  for (const [now, next] of [
    [150, 200],
    [199, 200],
    [200, 850],
    [849, 850],
    [850, Infinity],
  ] as const)
    assert.equal(nextChange(scheduleKeys(keys, now), now), next, `${now}`);
  assert.equal(nextChange(scheduleKeys([key(1, 100)], 150), 150), Infinity);
});

test('a key is published six minutes before it signs, one more than a key set may be kept', () => {
  assert.equal(PUBLICATION_DELAY, 360);
});

test('what operators are told', () => {
  const told = (kid: string | null, signsFrom: number, state: 'signing' | 'retired', verifiesUntil: number | null) =>
    describeKey({ key: { ...key(3, signsFrom), kid, createdAt: 90 }, state, verifiesUntil }, 'EdDSA');
  const plain = { kid: 'a', algorithm: 'EdDSA', state: 'signing', createdAt: 90 };
  assert.deepEqual(told('a', 0, 'signing', null), plain);
  assert.deepEqual(told('a', 1, 'signing', null), { ...plain, signsFrom: 1, verifiesUntil: null });
  assert.deepEqual(told('a', 0, 'retired', 500), { ...plain, state: 'retired', signsFrom: 0, verifiesUntil: 500 });
  assert.deepEqual(told(null, 0, 'signing', null), { ...plain, kid: null, name: 'generation-3' });
  assert.deepEqual(describeVerifyOnly([{ verifying: { kid: 'b' } }, { verifying: {} }], 'HS256'), [
    { kid: 'b', algorithm: 'HS256', state: 'retired', createdAt: null },
    { kid: null, algorithm: 'HS256', state: 'retired', createdAt: null },
  ]);
});

test('a token lives as long as the longer of the two, at most as long as its session, and the skew', () => {
  const life = (access: number, refresh: number, absolute: number | null): number =>
    longestTokenLife({
      HEADLESS_JWT_ACCESS_TOKEN_EXPIRES_IN: access,
      HEADLESS_JWT_REFRESH_TOKEN_EXPIRES_IN: refresh,
      HEADLESS_JWT_CLOCK_SKEW: 5,
      SESSION_ABSOLUTE_AGE: absolute,
    });
  assert.deepEqual([life(10, 100, null), life(100, 10, null), life(10, 100, 50), life(10, 100, 500)], [105, 105, 55, 105]);
});

const NOTES = { generation: 2, created_at: 90, signs_from: 100, longest_life: 50 };

test('a key file: blocks of PEM with notes, read as they were written', async () => {
  const [a, b] = [(await generateKey('EdDSA')).pem.trim(), (await generateKey('EdDSA')).pem.trim()];
  const entries = [
    { text: a, notes: NOTES },
    { text: b, notes: { ...NOTES, generation: 1, created_at: null, signs_from: 0 } },
    { text: a, notes: null },
  ];
  const text = formatKeyFile(entries, 'EdDSA');
  assert.equal(text.split('\n')[0], `# allauth-kit ${JSON.stringify(NOTES)}`);
  assert.deepEqual(parseKeyFile(text, 'EdDSA'), entries);
  assert.deepEqual(
    parseKeyFile(text.replaceAll('\n', '\r\n'), 'EdDSA'),
    entries.map(({ text: pem, notes }) => ({ text: pem.replaceAll('\n', '\r\n'), notes })),
  );
  assert.deepEqual(
    parseKeyFile(`${b}\n# a remark\n${a}\n`, 'EdDSA'),
    [
      { text: b, notes: null },
      { text: a, notes: null },
    ],
    'remarks of others are no notes',
  );
  assert.deepEqual(parseKeyFile(` ${a} `, 'EdDSA'), [{ text: ` ${a} `, notes: null }], 'one key is the whole text, in any form');
  assert.deepEqual(parseKeyFile('bm8gcGVt', 'EdDSA'), [{ text: 'bm8gcGVt', notes: null }]);
});

test('a key file that is damaged: a block that is cut off, notes that say nothing', async () => {
  const { pem } = await generateKey('EdDSA');
  const half = pem.slice(0, 60);
  const noted = (notes: unknown): string => `# allauth-kit ${JSON.stringify(notes)}\n${pem}`;
  for (const text of [
    `${pem}${half}`,
    `${half}\n${pem}`,
    noted(NOTES) + half,
    `# allauth-kit {}\n`,
    `# allauth-kit {"generation":1}\n${half}`,
  ])
    assert.deepEqual(parseKeyFile(text, 'EdDSA'), { fault: 'holds no complete private key: its BEGIN and END lines do not match' });
  for (const notes of [
    {},
    { ...NOTES, generation: 0 },
    { ...NOTES, signs_from: -1 },
    { ...NOTES, more: 1 },
    { ...NOTES, longest_life: 1.5 },
  ])
    assert.deepEqual(parseKeyFile(noted(notes), 'EdDSA'), {
      fault: 'holds a line "# allauth-kit …" that this version cannot read',
    });
});

test('a file of secrets: pairs of notes and text, or one secret as it is', () => {
  const entries = [
    { text: 'a "secret"\nof two lines', notes: NOTES },
    { text: 'other', notes: { ...NOTES, generation: 1 } },
  ];
  const text = formatKeyFile(entries, 'HS256');
  assert.deepEqual(parseKeyFile(text, 'HS256'), entries);
  assert.deepEqual(parseKeyFile(text.replaceAll('\n', '\r\n\r\n'), 'HS256'), entries);
  assert.equal(formatKeyFile([{ text: 'plain ', notes: null }], 'HS256'), 'plain\n');
  for (const plain of ['plain text', 'a\n# allauth-kit {', ''])
    assert.deepEqual(parseKeyFile(plain, 'HS256'), [{ text: plain, notes: null }]);
  for (const bad of [`${text}# allauth-kit ${JSON.stringify(NOTES)}\n`, text.replace('"other"', '7'), text.replace('"other"', 'other')])
    assert.deepEqual(parseKeyFile(bad, 'HS256'), { fault: 'holds a line "# allauth-kit …" that this version cannot read' });
});
