import { ChevronDown } from 'lucide-preact';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

export interface MenuProps {
  label: string;
  icon: ComponentChildren;
  /** What is in it, which may close it. */
  children: (close: () => void) => ComponentChildren;
}

/** A button that opens a small panel; Escape, a click elsewhere and leaving it close it. */
export function Menu({ label, icon, children }: MenuProps) {
  const ref = useRef<HTMLDetailsElement>(null);
  const giveBack = (): void => {
    if (!ref.current) return;
    ref.current.open = false;
    ref.current.querySelector('summary')?.focus();
  };
  useEffect(() => {
    const close = (event: Event): void => {
      const menu = ref.current;
      if (menu && event.target instanceof Node && !menu.contains(event.target)) menu.open = false;
    };
    addEventListener('pointerdown', close);
    addEventListener('focusin', close);
    return () => {
      removeEventListener('pointerdown', close);
      removeEventListener('focusin', close);
    };
  }, []);
  return (
    <details
      ref={ref}
      class="menu"
      onKeyDown={(event) => {
        if (event.key === 'Escape' && ref.current?.open) giveBack();
      }}
    >
      <summary>
        {icon}
        {label}
        <ChevronDown size={14} aria-hidden />
      </summary>
      <div class="panel">{children(giveBack)}</div>
    </details>
  );
}
