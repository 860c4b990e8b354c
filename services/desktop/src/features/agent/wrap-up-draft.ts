// The half-filled wrap-up form, kept in the browser until it is finished: a
// reload or a crash in mid-call loses nothing.

export interface WrapUpDraft {
  dispositionId: string;
  comment: string;
}

const kPrefix = 'zvon.wrap-up.';
const kAgeMax = 24 * 3600_000;
// Longer comments are cut by the form.
export const kCommentMax = 2000;

export const emptyDraft: WrapUpDraft = { dispositionId: '', comment: '' };

export class WrapUpDrafts {
  constructor(
    private readonly storage: Storage,
    private readonly now: () => number = Date.now,
  ) {}

  load(interactionId: string): WrapUpDraft {
    const stored = this.#read(kPrefix + interactionId);
    return stored ? { dispositionId: stored.dispositionId, comment: stored.comment } : emptyDraft;
  }

  save(interactionId: string, draft: WrapUpDraft): void {
    if (!interactionId) return;
    try {
      this.storage.setItem(kPrefix + interactionId, JSON.stringify({ ...draft, savedAt: this.now() }));
    } catch {
      // Full or forbidden storage: the form still works, only not across a reload.
    }
  }

  drop(interactionId: string): void {
    this.storage.removeItem(kPrefix + interactionId);
  }

  // Drafts of interactions that ended elsewhere, or damaged ones.
  prune(): void {
    const keys = Array.from({ length: this.storage.length }, (_, index) => this.storage.key(index));
    for (const key of keys) {
      if (!key?.startsWith(kPrefix)) continue;
      const stored = this.#read(key);
      if (!stored || this.now() - stored.savedAt > kAgeMax) this.storage.removeItem(key);
    }
  }

  #read(key: string): (WrapUpDraft & { savedAt: number }) | undefined {
    try {
      const value = JSON.parse(this.storage.getItem(key) ?? 'null') as Record<string, unknown> | null;
      if (!value || typeof value !== 'object') return undefined;
      const { dispositionId, comment, savedAt } = value;
      if (typeof dispositionId !== 'string' || typeof comment !== 'string') return undefined;
      return { dispositionId, comment, savedAt: typeof savedAt === 'number' ? savedAt : 0 };
    } catch {
      return undefined;
    }
  }
}
