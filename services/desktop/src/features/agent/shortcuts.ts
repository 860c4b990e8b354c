// Keys by their place on the keyboard (event.code), so that a Russian layout
// changes nothing.

export type ShortcutName = 'answer' | 'decline' | 'hold' | 'transfer' | 'hangUp' | 'finish';

interface Shortcut {
  code: string;
  ctrl?: boolean;
  alt?: boolean;
  label: string;
}

export const shortcuts: Record<ShortcutName, Shortcut> = {
  answer: { code: 'Enter', ctrl: true, label: 'Ctrl+Enter' },
  decline: { code: 'KeyD', ctrl: true, alt: true, label: 'Ctrl+Alt+D' },
  hold: { code: 'F8', label: 'F8' },
  transfer: { code: 'F9', label: 'F9' },
  hangUp: { code: 'KeyE', ctrl: true, alt: true, label: 'Ctrl+Alt+E' },
  finish: { code: 'Enter', ctrl: true, label: 'Ctrl+Enter' },
};

export interface KeyPress {
  code: string;
  ctrlKey: boolean;
  metaKey: boolean;
  altKey: boolean;
  shiftKey: boolean;
  repeat: boolean;
}

// The first of the names that are possible now and whose keys were pressed.
export function shortcutOf(press: KeyPress, possible: readonly ShortcutName[]): ShortcutName | undefined {
  if (press.repeat || press.shiftKey) return undefined;
  return possible.find((name) => {
    const { code, ctrl = false, alt = false } = shortcuts[name];
    const enter = code === 'Enter' && press.code === 'NumpadEnter';
    return (press.code === code || enter) && (press.ctrlKey || press.metaKey) === ctrl && press.altKey === alt;
  });
}
