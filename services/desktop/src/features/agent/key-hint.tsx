import { Kbd } from '@mantine/core';
import { shortcuts, type ShortcutName } from './shortcuts';

// The keys of a button, inside its label; not where there is no keyboard.
export function KeyHint({ name }: { name: ShortcutName }) {
  return (
    <Kbd visibleFrom="sm" ml={8}>
      {shortcuts[name].label}
    </Kbd>
  );
}
