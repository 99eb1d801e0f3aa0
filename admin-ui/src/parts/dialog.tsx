import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import type { Action } from '../state/use-action.ts';
import { describe } from '../state/toasts.ts';
import { useTexts } from '../state/language.ts';

export interface DialogProps {
  title: string;
  /** Called for Cancel, and for Escape. */
  onClose: () => void;
  /** Name of the button that does it; null: there is nothing to do but to cancel. */
  button: string | null;
  look?: 'primary' | 'danger';
  action: Action;
  /** Whether it may be done now. */
  ready?: boolean;
  /** Whether what it failed with stands at a field already. */
  isShown?: boolean;
  children: ComponentChildren;
}

/** A modal dialog of the browser, with Cancel and a button that does something: it keeps the focus inside, and gives it back. */
export function Dialog({ title, onClose, button, look = 'primary', action, ready = true, isShown = false, children }: DialogProps) {
  const t = useTexts();
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  const closing = useRef(onClose);
  closing.current = onClose;
  // Before the first paint, and at once on close: a key pressed in between must find the focus where it was.
  useLayoutEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    const around = ancestors(before);
    dialog?.showModal();
    // The browser asks with `cancel` first, but not for each Escape.
    const closed = (): void => closing.current();
    dialog?.addEventListener('close', closed);
    return () => {
      dialog?.removeEventListener('close', closed);
      // While it is open nothing behind it takes the focus.
      dialog?.close();
      if (before instanceof HTMLElement) giveBack(before, around);
    };
  }, []);
  const isReady = ready && button !== null && !action.busy;
  return (
    <dialog
      ref={ref}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
    >
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (isReady) action.run();
        }}
      >
        <h2 id={id}>{title}</h2>
        <div class="dialog-body">
          {children}
          {action.failure !== null && !isShown && (
            <p class="error" role="alert">
              {describe(action.failure)}
            </p>
          )}
        </div>
        <div class="dialog-foot">
          <button type="button" onClick={onClose}>
            {t.actions.cancel}
          </button>
          {button !== null && (
            <button type="submit" class={look} disabled={!isReady}>
              {button}
            </button>
          )}
        </div>
      </form>
    </dialog>
  );
}

const FOCUSABLE = 'a[href], button:enabled, input:enabled, select:enabled, [tabindex]';

/** Gives the focus back to what had it. What was done may take that away, at once or when an answer is there: then to what is nearest. */
function giveBack(to: HTMLElement, around: readonly Element[]): void {
  to.focus();
  const look = (): void => {
    if (to.isConnected && !to.matches(':disabled')) return;
    stop();
    const near = around.filter((each) => each.isConnected).map((each) => each.querySelector<HTMLElement>(FOCUSABLE));
    near.find((each) => each !== null)?.focus();
  };
  const observer = new MutationObserver(look);
  const stop = (): void => {
    observer.disconnect();
    removeEventListener('focusin', stop);
  };
  observer.observe(document.body, { childList: true, subtree: true, attributeFilter: ['disabled'] });
  // Leave the focus alone if the user has moved it in the meantime.
  addEventListener('focusin', stop);
  // What goes together with the dialog goes after it.
  queueMicrotask(look);
}

/** The nearest first, within the page. */
function ancestors(element: Element | null): Element[] {
  const parent = element?.parentElement ?? null;
  return parent === null || parent === document.body ? [] : [parent, ...ancestors(parent)];
}
