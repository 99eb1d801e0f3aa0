import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import ts from 'typescript';
import { newPerson } from '../admin/support.ts';
import { newEmail, PASSWORD } from '../support/clients.ts';
import { dashboard, withoutBrowser } from './browser.ts';

const options = { skip: withoutBrowser };

const SOURCES = new URL('../../admin-ui/src/', import.meta.url);

/** Attributes that people read or hear. */
const READ = new Set(['aria-label', 'alt', 'button', 'error', 'hint', 'label', 'name', 'placeholder', 'text', 'title']);

test('no component has a text of its own', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.tsx'));
  assert.ok(files.length > 20);
  assert.deepEqual(files.flatMap(literalsIn), []);
});

function literalsIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(new URL(file, SOURCES), 'utf8'), ts.ScriptTarget.Latest, true, ts.ScriptKind.TSX);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (isRead(node) && /\p{L}/u.test(node.getText())) found.push(`${file}: ${node.getText().trim()}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** A text between tags, or one given to an attribute that is read. */
function isRead(node: ts.Node): boolean {
  if (ts.isJsxText(node)) return true;
  if (!ts.isStringLiteral(node)) return false;
  const holder = ts.isJsxExpression(node.parent) ? node.parent.parent : node.parent;
  if (ts.isJsxAttribute(holder)) return READ.has(holder.name.getText());
  return ts.isJsxElement(holder) || ts.isJsxFragment(holder);
}

test('a German browser is shown German, and the server answers in it; the choice of another language is remembered', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('users', { locale: 'de-AT' });
  const loaded = (): Promise<string[]> =>
    page.evaluate("performance.getEntriesByType('resource').map(({ name }) => /\\/(en|de)-[^/]*\\.js$/.exec(name)?.[1]).filter(Boolean)");
  await page.getByLabel('E-Mail-Adresse').fill(admin.email);
  await page.getByLabel('Passwort').fill('falsch');
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByText('E-Mail-Adresse oder Passwort sind nicht richtig.').waitFor();
  await page.getByLabel('Passwort').fill(PASSWORD);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('heading', { level: 1, name: 'Benutzer' }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'de');
  assert.equal(await page.title(), 'Benutzer · allauth-kit');
  assert.deepEqual(await loaded(), ['de']);
  await page.getByRole('button', { name: 'Neuer Benutzer' }).click();
  await page.getByRole('dialog').getByLabel('E-Mail-Adresse').fill(newEmail());
  await page.getByRole('dialog').getByLabel('Passwort').fill('x');
  await page.getByRole('button', { name: 'Benutzer anlegen' }).click();
  await page.getByText('Dieses Passwort ist zu kurz').waitFor();
  await page.getByRole('button', { name: 'Abbrechen' }).click();

  await page.getByLabel('Sprache').selectOption('en');
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  await page.getByRole('link', { name: person.email }).waitFor();
  assert.equal(await page.locator('html').getAttribute('lang'), 'en');
  assert.equal(await page.title(), 'Users · allauth-kit');
  await page.reload();
  await page.getByRole('heading', { level: 1, name: 'Users' }).waitFor();
  assert.deepEqual(await loaded(), ['en']);
  assert.deepEqual(server.faults, []);
});

test('in German no page is wider than a phone', options, async (t) => {
  const server = await dashboard(t);
  const person = await newPerson(server);
  const admin = await server.staff();
  const page = await server.open('', { locale: 'de', viewport: { width: 390, height: 844 } });
  await page.getByLabel('E-Mail-Adresse').fill(admin.email);
  await page.getByLabel('Passwort').fill(PASSWORD);
  await page.getByRole('button', { name: 'Anmelden' }).click();
  await page.getByRole('heading', { level: 1, name: 'Übersicht' }).waitFor();
  for (const path of ['', 'sessions', 'users', `users/${person.id}`, `sessions/${person.sid}`, 'audit', 'settings', 'keys']) {
    await page.goto(`${server.url}/admin/${path}`);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('networkidle');
    if (process.env['ALLAUTH_PICTURES']) {
      await page.screenshot({ path: `${process.env['ALLAUTH_PICTURES']}/${path.split('/').join('-').slice(0, 12)}.png` });
    }
    // A list may be wider for a moment, until its rows are laid out.
    await page.waitForFunction('document.documentElement.scrollWidth <= 390').catch(() => assert.fail(path));
  }
});
