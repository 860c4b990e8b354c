// Words of the records (outcomes, causes) in the user's language; a word that
// a newer server says is shown as it is.
import type { TFunction } from 'i18next';

export const outcomeText = (t: TFunction, outcome: string): string =>
  outcome && t(`outcomes.${outcome}` as 'outcomes.answered', { defaultValue: outcome });

export const segmentText = (t: TFunction, kind: string): string =>
  t(`segments.${kind}` as 'segments.talk', { defaultValue: kind });

export const directionText = (t: TFunction, direction: string): string =>
  direction && t(`directions.${direction}` as 'directions.inbound', { defaultValue: direction });

export function endCauseText(t: TFunction, cause: string): string {
  const name = cause.toLowerCase().replace(/^end_cause_/, '');
  return name && t(`endCauses.${name}` as 'endCauses.busy', { defaultValue: cause });
}

const kOutcomeColors: Record<string, string> = {
  answered: 'green',
  abandoned: 'red',
  flowed_out: 'orange',
  open: 'blue',
};

export const outcomeColor = (outcome: string): string => kOutcomeColors[outcome] ?? 'gray';
