import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { useTexts } from '../state/language.ts';

let shown = false;

/** The heading of a page; it takes the focus when the page comes, so that screen readers and keyboards start there. */
export function PageTitle({ title, children }: { title: string; children?: ComponentChildren }) {
  const t = useTexts();
  const ref = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${title} · ${t.product}`;
  }, [title]);
  useEffect(() => {
    if (shown) ref.current?.focus({ preventScroll: true });
    shown = true;
  }, []);
  return (
    <div class="page-title">
      <h1 ref={ref} tabIndex={-1}>
        {title}
      </h1>
      {children}
    </div>
  );
}
