import { Search } from 'lucide-preact';
import { useEffect, useRef, useState } from 'preact/hooks';

/** Milliseconds without a key after which a search starts. */
const PAUSE = 200;

/** A search field that tells its text when the typing pauses. */
export function SearchField({
  label,
  hint,
  value,
  onSearch,
}: {
  label: string;
  hint: string;
  value: string;
  onSearch: (text: string) => void;
}) {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    // Somebody else changed it: another view, the browser's back button.
    if (value !== told.current) {
      told.current = value;
      setText(value);
    }
  }, [value]);
  useEffect(() => {
    if (text.trim() === told.current) return;
    const timer = setTimeout(() => {
      told.current = text.trim();
      onSearch(told.current);
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <label class="search">
      <Search size={16} aria-hidden />
      <span class="visually-hidden">{label}</span>
      <input type="search" placeholder={hint} value={text} maxLength={200} onInput={(event) => setText(event.currentTarget.value)} />
    </label>
  );
}
