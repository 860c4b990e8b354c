import { useCallback, useRef, useState } from 'react';
import type { TFunction } from 'i18next';
import { useTranslation } from 'react-i18next';
import { showToast } from './toasts';

// The server's text (it is in the user's language), or ours for the code.
export function errorText(t: TFunction, error: unknown): string {
  const { message = '', code = 'UNKNOWN' } = error as { message?: string; code?: string };
  const known = typeof code === 'string' ? code : 'UNKNOWN';
  if (known === 'UNKNOWN' && !(error instanceof Error && 'code' in error)) return t('errors.UNKNOWN');
  return message || t(`errors.${known}` as 'errors.UNKNOWN', { defaultValue: t('errors.UNKNOWN') });
}

// Runs one command at a time: a second press while the first is under way
// does nothing. Failures become toasts.
export function useAction(): { busy: boolean; run: (work: () => Promise<unknown>) => Promise<boolean> } {
  const { t } = useTranslation();
  const [busy, setBusy] = useState(false);
  const running = useRef(false);
  const run = useCallback(
    async (work: () => Promise<unknown>) => {
      if (running.current) return false;
      running.current = true;
      setBusy(true);
      try {
        await work();
        return true;
      } catch (error) {
        showToast('error', errorText(t, error));
        return false;
      } finally {
        running.current = false;
        setBusy(false);
      }
    },
    [t],
  );
  return { busy, run };
}
