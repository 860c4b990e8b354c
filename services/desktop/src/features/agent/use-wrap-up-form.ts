// The wrap-up form: kept in the browser, told to the platform as it changes,
// so that a form whose time runs out still counts.
import { useCallback, useEffect, useRef, useState } from 'react';
import type { GatewayClient } from '@/lib/gateway/gateway';
import { kCommentMax, WrapUpDrafts, type WrapUpDraft } from './wrap-up-draft';

const kTellDelay = 1000;
const drafts = new WrapUpDrafts(localStorage);
drafts.prune();

export function useWrapUpForm(gateway: GatewayClient, interactionId: string) {
  const [draft, setDraft] = useState<WrapUpDraft>(() => drafts.load(interactionId));
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const untold = useRef<WrapUpDraft | undefined>(undefined);

  const tell = useCallback(() => {
    clearTimeout(timer.current);
    const value = untold.current;
    untold.current = undefined;
    if (!value) return;
    // Told again when the form is finished: a failure here is no news.
    gateway.setDisposition(interactionId, value.dispositionId, value.comment).catch(() => undefined);
  }, [gateway, interactionId]);
  // The talk's form gives way to the wrap-up's: what was typed last is told.
  useEffect(() => tell, [tell]);

  const change = useCallback(
    (part: Partial<WrapUpDraft>) => {
      setDraft((old) => {
        const next = { ...old, ...part, comment: (part.comment ?? old.comment).slice(0, kCommentMax) };
        drafts.save(interactionId, next);
        untold.current = next;
        clearTimeout(timer.current);
        timer.current = setTimeout(tell, kTellDelay);
        return next;
      });
    },
    [interactionId, tell],
  );

  const finish = useCallback(async () => {
    clearTimeout(timer.current);
    untold.current = undefined;
    await gateway.finishWrapUp(interactionId, draft.dispositionId, draft.comment);
    drafts.drop(interactionId);
  }, [gateway, interactionId, draft]);

  return { draft, change, finish };
}
