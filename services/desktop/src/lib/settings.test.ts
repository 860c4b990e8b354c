import { expect, test } from 'vitest';
import { settings as demo } from '../../test/fake-gateway/demo';
import { dispositionsOf, nameIn, parseSettings, selectableReasons } from './settings';

const settings = parseSettings(demo as never);

test('reasons that only the platform sets are not offered', () => {
  expect(selectableReasons(settings).map(({ id }) => id)).toEqual(['break', 'lunch', 'training']);
});

test('dispositions are those of the queue, in their order', () => {
  expect(dispositionsOf(settings, 'sales').map(({ id }) => id)).toEqual(['sold', 'solved', 'callback', 'wrong']);
  expect(dispositionsOf(settings, 'support').map(({ id }) => id)).toEqual(['solved', 'callback', 'wrong']);
});

test('names: the language, else another, else the id', () => {
  expect(nameIn({ ru: 'Обед', en: 'Lunch' }, 'ru', 'x')).toBe('Обед');
  expect(nameIn({ en: 'Lunch' }, 'ru', 'x')).toBe('Lunch');
  expect(nameIn({ tt: 'Аш' }, 'ru', 'x')).toBe('Аш');
  expect(nameIn({}, 'ru', 'x')).toBe('x');
});

test('thresholds are read, others’ collections left alone', () => {
  expect(settings.queues.get('sales')?.serviceLevelThreshold).toBe(20_000);
  expect(parseSettings({ numbers: [{ name: 'tenants/demo/numbers/1000', number: {} }], version: 3 })).toEqual(
    expect.objectContaining({ queues: new Map() }),
  );
});
