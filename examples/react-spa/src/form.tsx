import { useId, useState, type FormEvent, type ReactNode } from 'react';
import { Unavailable, type WireError } from 'allauth-kit/client';

/** What every reply of the server has. */
interface Reply {
  status: number;
  errors?: WireError[];
  retryAfter?: number | null;
}

interface Field {
  /** As the server calls it: errors name it so. */
  name: string;
  label: string;
  type?: string;
  autoComplete: string;
}

interface FormProps {
  fields: readonly Field[];
  action: string;
  send: (values: Record<string, string>) => Promise<Reply>;
  /** The texts of the replies that are no success and name no field. */
  explain?: (reply: Reply) => string | undefined;
  children?: ReactNode;
}

/** A form that shows what the server says is wrong beside the field that it names. */
export function Form({ fields, action, send, explain, children }: FormProps) {
  const [errors, setErrors] = useState<WireError[]>([]);
  const [busy, setBusy] = useState(false);
  const id = useId();

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const values = Object.fromEntries([...data].filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
    setBusy(true);
    setErrors([]);
    const found = await failures(() => send(values), explain);
    setBusy(false);
    setErrors(found);
    const [first] = found;
    if (first?.param) form.querySelector<HTMLInputElement>(`[name="${CSS.escape(first.param)}"]`)?.focus();
  }

  const general = errors.filter(({ param }) => !fields.some(({ name }) => name === param));
  return (
    <form onSubmit={(event) => void submit(event)} noValidate>
      {fields.map(({ name, label, type = 'text', autoComplete }) => {
        const own = errors.filter(({ param }) => param === name);
        return (
          <div className="field" key={name}>
            <label htmlFor={`${id}-${name}`}>{label}</label>
            <input
              id={`${id}-${name}`}
              name={name}
              type={type}
              autoComplete={autoComplete}
              autoCapitalize="none"
              spellCheck={false}
              aria-invalid={own.length > 0}
              aria-describedby={`${id}-${name}-errors`}
            />
            <p className="error" id={`${id}-${name}-errors`}>
              {own.map(({ message }) => message).join(' ')}
            </p>
          </div>
        );
      })}
      <p className="error" role="alert">
        {general.map(({ message }) => message).join(' ')}
      </p>
      <button className="primary" disabled={busy}>
        {action}
      </button>
      {children}
    </form>
  );
}

/** What to show after a call; nothing where it did what it is for, or where a stage waits (401). */
async function failures(call: () => Promise<Reply>, explain?: (reply: Reply) => string | undefined): Promise<WireError[]> {
  try {
    const reply = await call();
    if (reply.status < 400 || reply.status === 401) return [];
    if (reply.status === 429) return [general(`Too many attempts. Try again in ${reply.retryAfter ?? 60} seconds.`)];
    return reply.errors?.length ? reply.errors : [general(explain?.(reply) ?? 'That did not work. Start again.')];
  } catch (error) {
    if (error instanceof Unavailable) return [general('The server cannot be reached. Try again.')];
    throw error;
  }
}

function general(message: string): WireError {
  return { code: '', message };
}
