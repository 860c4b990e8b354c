// Dates and numbers in the user's language.

const cache = new Map<string, Intl.DateTimeFormat>();

function format(language: string, time: number, key: string, options: Intl.DateTimeFormatOptions): string {
  const id = `${language} ${key}`;
  let formatter = cache.get(id);
  if (!formatter) {
    formatter = new Intl.DateTimeFormat(language === 'ru' ? 'ru-RU' : 'en-GB', options);
    cache.set(id, formatter);
  }
  return formatter.format(time);
}

const kTime: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit', second: '2-digit' };
const kShortTime: Intl.DateTimeFormatOptions = { hour: '2-digit', minute: '2-digit' };
const kDate: Intl.DateTimeFormatOptions = { day: 'numeric', month: 'short' };

export const timeText = (language: string, time: number): string => format(language, time, 't', kTime);
export const shortTimeText = (language: string, time: number): string => format(language, time, 's', kShortTime);
export const dateText = (language: string, time: number): string => format(language, time, 'd', kDate);
export const dateTimeText = (language: string, time: number): string =>
  format(language, time, 'dt', { ...kDate, ...kTime });
export const longDateText = (language: string, time: number): string =>
  format(language, time, 'l', { day: 'numeric', month: 'long', year: 'numeric', weekday: 'short' });

export function percentText(language: string, share: number): string {
  const locale = language === 'ru' ? 'ru-RU' : 'en-GB';
  return new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 1 }).format(share);
}

export function numberText(language: string, value: number): string {
  return new Intl.NumberFormat(language === 'ru' ? 'ru-RU' : 'en-GB').format(value);
}

// "+7 912 345-67-89" for Russian mobile and city numbers; others untouched.
export function phoneText(number: string): string {
  const match = /^(?:\+7|8)(\d{3})(\d{3})(\d{2})(\d{2})$/.exec(number);
  return match ? `+7 ${match[1]} ${match[2]}-${match[3]}-${match[4]}` : number;
}
