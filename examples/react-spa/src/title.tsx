import { useEffect, useRef } from 'react';

/** The heading of a view; it takes the focus, so that the keyboard and a screen reader go on there and not at the top of the page. */
export function Title({ children }: { children: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <h1 ref={heading} tabIndex={-1}>
      {children}
    </h1>
  );
}
