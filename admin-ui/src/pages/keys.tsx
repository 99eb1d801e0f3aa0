import { RotateCw } from 'lucide-preact';
import { useState } from 'preact/hooks';
import { change, read } from '../api/admin.ts';
import type { Key } from '../api/types.ts';
import { AskDialog } from '../parts/ask-dialog.tsx';
import { Id } from '../parts/copy.tsx';
import { PageTitle } from '../parts/page-title.tsx';
import { Empty, Failed, Loading } from '../parts/states.tsx';
import { exactTime, Time } from '../parts/time.tsx';
import { useResource } from '../state/resource.ts';
import { say } from '../state/toasts.ts';
import { texts, useTexts } from '../state/language.ts';

/** The keys, and their rotation with what comes of it. */
export function Keys() {
  const t = useTexts();
  const keys = useResource('keys', async (signal) => (await read('keys', {}, signal)).data);
  const [asking, setAsking] = useState(false);
  const [instruction, setInstruction] = useState('');
  const rotate = async (): Promise<void> => {
    const rotation = await change('POST', 'keys/rotate');
    if (!rotation) return;
    setAsking(false);
    setInstruction(rotation.rotated ? '' : rotation.instruction);
    if (rotation.rotated) say(doneBy(rotation.key));
    keys.reload();
  };
  return (
    <>
      <PageTitle title={t.keys.title}>
        <span class="grow" />
        <button type="button" class="primary" onClick={() => setAsking(true)}>
          <RotateCw size={16} aria-hidden /> {t.keys.rotate}
        </button>
      </PageTitle>
      <p class="muted">{t.keys.hint}</p>
      {instruction && (
        <div class="card warn-card" role="alert">
          <h2>{t.keys.byHand}</h2>
          <p class="wrap">{instruction}</p>
        </div>
      )}
      {keys.error !== null && <Failed error={keys.error} retry={keys.reload} />}
      {keys.error === null && !keys.data && <Loading rows={3} />}
      {keys.data?.length === 0 && <Empty title={t.keys.empty} />}
      {keys.data && keys.data.length > 0 && <KeyTable keys={keys.data} />}
      {asking && (
        <AskDialog
          title={t.keys.rotateTitle}
          text={
            <ol class="steps">
              {t.keys.steps.map((step) => (
                <li key={step}>{step}</li>
              ))}
            </ol>
          }
          button={t.keys.rotateButton}
          look="primary"
          onClose={() => setAsking(false)}
          act={rotate}
        />
      )}
    </>
  );
}

/** What came of it: a key that is to sign is published first. */
function doneBy({ state, signs_from: from }: Key): string {
  const t = texts();
  return state === 'next' && from !== null ? t.keys.published(exactTime(from)) : t.keys.done;
}

function KeyTable({ keys }: { keys: readonly Key[] }) {
  const t = useTexts();
  const { column } = t.keys;
  return (
    <div class="table-box">
      <table aria-label={t.keys.title}>
        <thead>
          <tr>
            <th scope="col">{column.kid}</th>
            <th scope="col">{column.algorithm}</th>
            <th scope="col">{column.age}</th>
            <th scope="col">{column.state}</th>
          </tr>
        </thead>
        <tbody>
          {keys.map(({ kid, algorithm, state, created_at, signs_from }) => (
            <tr key={kid ?? 'shared'}>
              <td class="person">{kid === null ? <span class="muted">{t.keys.shared}</span> : <Id value={kid} name={column.kid} />}</td>
              <td data-label={column.algorithm}>{algorithm}</td>
              <td data-label={column.age}>
                {created_at === null ? <span class="muted">{t.keys.unknown}</span> : <Time at={created_at} />}
              </td>
              <td data-label={column.state}>
                <span class={`badge ${state === 'signing' ? 'active' : state === 'next' ? 'own' : 'expired'}`}>{t.keys.states[state]}</span>{' '}
                <small class="muted">
                  {state === 'next' && signs_from !== null ? t.keys.signsFrom(exactTime(signs_from)) : t.keys.about[state]}
                </small>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
