import { useEffect, useId, useRef } from 'preact/hooks';

export interface FieldProps {
  type?: 'text' | 'email' | 'password';
  autocomplete?: 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'off';
  inputMode?: 'text' | 'numeric';
  required?: boolean;
  autofocus?: boolean;
  maxLength?: number;
  label: string;
  value: string;
  onValue: (value: string) => void;
  hint?: string;
  error?: string | undefined;
}

/** A labelled input with a hint and an error that belong to it. */
export function Field({ label, value, onValue, hint, error, type = 'text', autofocus = false, ...rest }: FieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  // The attribute alone does nothing for what comes after the page has loaded.
  useEffect(() => {
    if (autofocus) input.current?.focus();
  }, []);
  const about = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(' ');
  return (
    <div class="field">
      <label for={id}>{label}</label>
      <input
        {...rest}
        type={type as 'text'} // its attributes are those of all three; the type of the element wants one
        ref={input}
        id={id}
        value={value}
        aria-describedby={about || undefined}
        aria-invalid={error ? true : undefined}
        onInput={(event) => onValue(event.currentTarget.value)}
      />
      {hint && (
        <p id={`${id}-hint`} class="hint">
          {hint}
        </p>
      )}
      {error && (
        <p id={`${id}-error`} class="error">
          {error}
        </p>
      )}
    </div>
  );
}
