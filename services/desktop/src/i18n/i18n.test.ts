import i18next from 'i18next';
import { beforeAll, describe, expect, test } from 'vitest';
import { en } from './en';
import { detectLanguage, startI18n } from './i18n';
import { ru } from './ru';

type Tree = { [key: string]: string | Tree };

function flat(tree: Tree, prefix = ''): Map<string, string> {
  const texts = new Map<string, string>();
  for (const [key, value] of Object.entries(tree)) {
    if (typeof value === 'string') texts.set(prefix + key, value);
    else for (const [inner, text] of flat(value, `${prefix}${key}.`)) texts.set(inner, text);
  }
  return texts;
}

const kPlural = /_(one|few|many|other)$/;
const texts = { en: flat(en), ru: flat(ru) };
const placeholders = (text: string) => [...text.matchAll(/{{(\w+)}}/g)].map((match) => match[1]).sort();

test('both languages have the same texts', () => {
  const keys = (map: Map<string, string>) => [...new Set([...map.keys()].map((key) => key.replace(kPlural, '')))].sort();
  expect(keys(texts.ru)).toEqual(keys(texts.en));
});

test('no text is empty', () => {
  for (const map of Object.values(texts)) for (const [key, text] of map) expect(text.trim(), key).not.toBe('');
});

test.each(['en', 'ru'] as const)('plurals have every form of %s', (language) => {
  const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
  const plurals = new Set([...texts[language].keys()].filter((key) => kPlural.test(key)).map((key) => key.replace(kPlural, '')));
  expect(plurals.size).toBeGreaterThan(3);
  for (const plural of plurals) for (const form of forms) expect(texts[language].has(`${plural}_${form}`), `${plural}_${form}`).toBe(true);
});

test('translations fill in the same values', () => {
  for (const [key, text] of texts.ru) {
    const twin = texts.en.get(key) ?? texts.en.get(key.replace(kPlural, '_other')) ?? '';
    expect(placeholders(text), key).toEqual(placeholders(twin));
  }
});

describe('in use', () => {
  beforeAll(() => {
    startI18n({ getItem: () => null }, ['ru-RU']);
  });

  test.each([
    [1, 'Сегодня обработан 1 звонок'],
    [3, 'Сегодня обработано 3 звонка'],
    [11, 'Сегодня обработано 11 звонков'],
    [22, 'Сегодня обработано 22 звонка'],
  ])('%i calls in Russian', (count, text) => {
    expect(i18next.t('agent.handledToday', { count })).toBe(text);
  });

  test('values are not escaped twice: React does it', () => {
    expect(i18next.t('agent.calledNumber', { number: '<b>&' })).toBe('набрал <b>&');
  });
});

test.each([
  ['ru', ['en-GB'], 'ru'],
  [null, ['ru-RU', 'en'], 'ru'],
  [null, ['de-DE', 'ru'], 'ru'],
  [null, ['tt', 'en-US'], 'en'],
  [null, [], 'en'],
  ['xx', ['ru'], 'ru'],
])('stored %s, browser %o: %s', (stored, languages, language) => {
  expect(detectLanguage(stored, languages)).toBe(language);
});
