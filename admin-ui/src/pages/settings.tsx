import { CircleCheck, TriangleAlert } from 'lucide-preact';
import { read } from '../api/admin.ts';
import type { Finding, Setting } from '../api/types.ts';
import { PageTitle } from '../parts/page-title.tsx';
import { SearchField } from '../parts/search-field.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { useQuery } from '../state/location.ts';
import { useResource } from '../state/resource.ts';
import { texts, useTexts } from '../state/language.ts';
import { named } from '../texts/words.ts';

/** The settings in force, with what speaks against production above them. */
export function SettingsPage() {
  const t = useTexts();
  const settings = useResource('settings', async (signal) => {
    const { data, meta } = await read('settings', {}, signal);
    return { rows: data, warnings: meta.warnings };
  });
  const [query, go] = useQuery();
  const { q = '', changed = '' } = query;
  return (
    <>
      <PageTitle title={t.settings.title} />
      {settings.error !== null && <Failed error={settings.error} retry={settings.reload} />}
      {settings.error === null && !settings.data && <Loading rows={12} />}
      {settings.data && (
        <>
          <Warnings findings={settings.data.warnings} />
          <div class="bar">
            <SearchField label={t.settings.search} hint={t.settings.searchHint} value={q} onSearch={(text) => go({ q: text }, true)} />
            <label class="check">
              <input type="checkbox" checked={changed !== ''} onInput={() => go({ changed: changed ? '' : '1' }, true)} />{' '}
              {t.settings.changedOnly}
            </label>
          </div>
          <Table rows={settings.data.rows.filter((row) => matches(row, q) && (!changed || row.source !== 'default'))} />
        </>
      )}
    </>
  );
}

function matches({ name, doc }: Setting, text: string): boolean {
  return `${name} ${doc}`.toLowerCase().includes(text.toLowerCase());
}

function Warnings({ findings }: { findings: readonly Finding[] }) {
  const t = useTexts();
  if (findings.length === 0) {
    return (
      <p class="with-icon fit">
        <CircleCheck size={16} aria-hidden /> {t.settings.fit}
      </p>
    );
  }
  return (
    <section class="card warn-card" aria-labelledby="warnings">
      <h2 id="warnings" class="with-icon">
        <TriangleAlert size={18} aria-hidden /> {t.settings.warnings(findings.length)}
      </h2>
      <ul class="findings">
        {findings.map(({ area, level, message, advice }) => (
          <li key={area + message}>
            <span class={`badge ${level === 'error' ? 'bad' : 'pending'}`}>{t.settings.levels[level]}</span>
            <div lang="en">
              <strong>{message}</strong>
              <p class="muted">{advice}</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}

function Table({ rows }: { rows: readonly Setting[] }) {
  const t = useTexts();
  const { column } = t.settings;
  if (rows.length === 0) return <Empty title={t.settings.empty} />;
  return (
    <div class="table-box">
      <table aria-label={t.settings.title} class="top">
        <thead>
          <tr>
            <th scope="col">{column.name}</th>
            <th scope="col">{column.value}</th>
            <th scope="col">{column.source}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={row.name}>
              <td class="person setting">
                <code>{row.name}</code>
                <small class="muted" lang="en">
                  {row.doc}
                </small>
              </td>
              <td data-label={column.value} class="value">
                <code class="wrap">{valueText(row)}</code>
              </td>
              <td data-label={column.source}>
                <span class={`badge ${row.source === 'default' ? 'expired' : 'own'}`}>{named(t.settings.sources, row.source)}</span>
                {!row.has_effect && (
                  <span class="badge pending" title={t.settings.noEffectHint}>
                    {t.settings.noEffect}
                  </span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Of a secret only whether it is set. */
function valueText({ value, secret }: Setting): string {
  const t = texts();
  if (secret) return value === null || value === '' || value === false ? t.settings.unset : t.settings.set;
  return value === null || value === undefined
    ? t.settings.unset
    : typeof value === 'string' && value !== ''
      ? value
      : JSON.stringify(value);
}
