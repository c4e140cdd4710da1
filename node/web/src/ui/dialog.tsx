// A question that must be answered first, in the browser's own dialog: it keeps the focus
// inside, closes with Escape and gives the focus back.
import type { ComponentChildren } from "preact";
import { useEffect, useId, useRef } from "preact/hooks";
import { shared } from "../texts/shared.ts";
import { Button } from "./button.tsx";
import { useTexts } from "./language.ts";

export interface DialogProps {
  name: string;
  title: string;
  onClose: () => void;
  /** What is done when the person says yes. */
  confirm: { action: string; text: string; danger?: boolean; off?: boolean; onClick: () => void };
  children?: ComponentChildren;
}

export function Dialog({ name, title, onClose, confirm, children }: DialogProps) {
  const texts = useTexts(shared);
  const id = useId();
  const dialog = useRef<HTMLDialogElement>(null);
  const isGone = useRef(false);
  useEffect(() => {
    const element = dialog.current;
    if (!element || element.open) return;
    element.showModal();
    return () => {
      // Taken away because it was answered: closing it now is no second answer.
      isGone.current = true;
      element.close();
    };
  }, []);
  return (
    <dialog class="dialog" ref={dialog} data-dialog={name} aria-labelledby={id} onClose={() => { if (!isGone.current) onClose(); }}>
      <form
        method="dialog"
        onSubmit={(event) => {
          event.preventDefault();
          if (!confirm.off) confirm.onClick();
        }}
      >
        <h2 id={id} tabIndex={-1} autofocus>{title}</h2>
        {children}
        <div class="dialog-actions">
          <Button type="submit" kind={confirm.danger ? "danger-primary" : "primary"} action={confirm.action} off={confirm.off ?? false}>
            {confirm.text}
          </Button>
          <Button action="cancel" kind="quiet" onClick={onClose}>{texts.cancel}</Button>
        </div>
      </form>
    </dialog>
  );
}
