// @vitest-environment jsdom
import { screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { api, ApiError, type Session } from '@/lib/api';
import { renderOnPage } from '../../../test/render';
import { SignInPage } from './sign-in-page';

const session = { token: 't', expireTime: '', user: { tenantId: 'demo', userId: 'agent1', displayName: 'Анна' } } satisfies Session;
const onSignedIn = vi.fn();
const show = (notice = '') => renderOnPage(<SignInPage notice={notice} controls={null} onSignedIn={onSignedIn} />);
const press = () => userEvent.click(screen.getByRole('button', { name: 'Войти' }));

beforeEach(() => {
  localStorage.clear();
  onSignedIn.mockReset();
});

async function fill(): Promise<void> {
  await userEvent.type(screen.getByLabelText('Организация'), ' demo ');
  await userEvent.type(screen.getByLabelText('Логин'), 'agent1');
  await userEvent.type(screen.getByLabelText('Пароль'), ' p w ');
}

test('trims names but not passwords, remembers tenant and login, never the password', async () => {
  const signIn = vi.spyOn(api, 'signIn').mockResolvedValue(session);
  show();
  await fill();
  await press();
  expect(signIn).toHaveBeenCalledWith('demo', 'agent1', ' p w ');
  expect(onSignedIn).toHaveBeenCalledWith(session);
  expect(JSON.stringify({ ...localStorage })).not.toContain('p w');
  expect(localStorage.getItem('zvon.sign-in')).toBe('{"tenant":"demo","login":"agent1"}');
});

test('the remembered names are there, the password waits for input', () => {
  localStorage.setItem('zvon.sign-in', '{"tenant":"demo","login":"agent2"}');
  show('Сеанс завершён.');
  expect(screen.getByLabelText<HTMLInputElement>('Логин').value).toBe('agent2');
  expect(document.activeElement).toBe(screen.getByLabelText('Пароль'));
  expect(screen.getByText('Сеанс завершён.')).toBeTruthy();
});

test.each([
  [new ApiError(401, 'UNAUTHENTICATED', 'bad'), 'Неверная организация, логин или пароль.'],
  [new ApiError(429, 'RESOURCE_EXHAUSTED', ''), 'Слишком много попыток. Подождите минуту и попробуйте снова.'],
  [new ApiError(0, 'UNAVAILABLE', ''), 'Сервер недоступен. Попробуйте ещё раз.'],
  [new ApiError(400, 'INVALID_ARGUMENT', 'Арендатор не найден'), 'Арендатор не найден'],
  [new Error('boom'), 'Что-то пошло не так. Попробуйте ещё раз.'],
])('%s is told plainly', async (error, text) => {
  vi.spyOn(api, 'signIn').mockRejectedValue(error);
  show();
  await fill();
  await press();
  expect((await screen.findByRole('alert')).textContent).toBe(text);
  expect(onSignedIn).not.toHaveBeenCalled();
});

test('empty fields are named before anything is sent', async () => {
  const signIn = vi.spyOn(api, 'signIn');
  show();
  await press();
  expect(screen.getAllByText('Заполните это поле')).toHaveLength(3);
  expect(signIn).not.toHaveBeenCalled();
});
