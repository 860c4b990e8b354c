import i18next, { type i18n as I18n } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { en } from './en';
import { ru } from './ru';

export type Language = 'ru' | 'en';

const kKey = 'zvon.language';

declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'translation';
    resources: { translation: typeof en };
  }
}

// What was chosen here before, else the first of the browser's languages
// that we speak, else English.
export function detectLanguage(stored: string | null, languages: readonly string[]): Language {
  if (stored === 'ru' || stored === 'en') return stored;
  for (const tag of languages) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'ru' || language === 'en') return language;
  }
  return 'en';
}

export function startI18n(storage: Pick<Storage, 'getItem'>, languages: readonly string[]): I18n {
  void i18next.use(initReactI18next).init({
    resources: { en: { translation: en }, ru: { translation: ru } },
    lng: detectLanguage(storage.getItem(kKey), languages),
    fallbackLng: 'en',
    initAsync: false,
    // React escapes; escaping twice would show "&amp;".
    interpolation: { escapeValue: false },
  });
  const follow = () => {
    if (typeof document !== 'undefined') document.documentElement.lang = i18next.language;
  };
  i18next.on('languageChanged', follow);
  follow();
  return i18next;
}

export async function setLanguage(language: Language): Promise<void> {
  localStorage.setItem(kKey, language);
  await i18next.changeLanguage(language);
}
