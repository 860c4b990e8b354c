import { expect, test } from 'vitest';
import { percentText, phoneText } from './format';

test.each([
  ['+79123456789', '+7 912 345-67-89'],
  ['89123456789', '+7 912 345-67-89'],
  ['101', '101'],
  ['+442071234567', '+442071234567'],
  ['<b>', '<b>'],
  ['', ''],
])('number %s', (number, text) => {
  expect(phoneText(number)).toBe(text);
});

test('percent in both languages', () => {
  expect(percentText('en', 0.8333)).toBe('83.3%');
  expect(percentText('ru', 0.8333).replace(/\s/g, ' ')).toBe('83,3 %');
});
