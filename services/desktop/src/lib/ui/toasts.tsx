// Short messages in the corner, spoken politely.
import { Notification, Portal, Stack } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Store, useStore } from '@/lib/store';

interface Toast {
  id: number;
  kind: 'error' | 'done';
  text: string;
}

const kVisible = 6000;
const toasts = new Store<readonly Toast[]>([]);
let lastId = 0;

function dismiss(id: number): void {
  toasts.update((list) => list.filter((toast) => toast.id !== id));
}

export function showToast(kind: Toast['kind'], text: string): void {
  const id = ++lastId;
  // Three at once at most; the oldest goes.
  toasts.update((list) => [...list.filter((toast) => toast.text !== text).slice(-2), { id, kind, text }]);
  setTimeout(() => dismiss(id), kVisible);
}

export function Toasts() {
  const { t } = useTranslation();
  const list = useStore(toasts);
  return (
    <Portal>
      <Stack
        role="status"
        aria-live="polite"
        gap="xs"
        style={{ position: 'fixed', right: 16, bottom: 16, zIndex: 1000, width: 'min(380px, calc(100vw - 32px))' }}
      >
        {list.map((toast) => (
          <Notification
            key={toast.id}
            color={toast.kind === 'error' ? 'red' : 'teal'}
            withBorder
            onClose={() => dismiss(toast.id)}
            closeButtonProps={{ 'aria-label': t('common.close') }}
          >
            {toast.text}
          </Notification>
        ))}
      </Stack>
    </Portal>
  );
}
