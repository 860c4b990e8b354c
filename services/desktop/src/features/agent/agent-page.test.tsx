// @vitest-environment jsdom
import { act, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import type { ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import { api } from '@/lib/api';
import { renderOnPage } from '../../../test/render';
import { AgentPage } from './agent-page';
import { StatusSelector } from './status-selector';

const iso = (offset: number) => new Date(Date.now() + offset).toISOString();
const interaction = { interactionId: 'i1', callId: 'c1', callerNumber: '+79123456789', callerName: '<b>Иван</b>', queueId: 'sales', enqueueTime: iso(-5000) };
const ring: ServerFrameJson = {
  agent: {
    state: 'AGENT_STATE_OFFERED',
    offer: { offerId: 'o1', queueId: 'sales', offerTime: iso(0), deadline: iso(20_000), interaction },
  },
};
const wrapUp: ServerFrameJson = {
  agent: { state: 'AGENT_STATE_WRAP_UP', stateTime: iso(0), wrapUpDeadline: iso(30_000), interaction },
};

beforeEach(() => {
  localStorage.clear();
  vi.spyOn(api, 'listInteractions').mockResolvedValue({ interactions: [], nextPageToken: '' } as never);
});

describe('incoming call', () => {
  test('the card shows who calls, as text, and is announced', async () => {
    const { tell, container } = renderOnPage(<AgentPage />);
    expect(screen.getByRole('alert').textContent).toBe('');
    act(() => tell(ring));
    const card = screen.getByRole('region', { name: 'Входящий звонок' });
    expect(within(card).getByText('<b>Иван</b>')).toBeTruthy();
    expect(container.querySelector('b')).toBeNull();
    expect(within(card).getByText('Продажи')).toBeTruthy();
    expect(screen.getByRole('alert').textContent).toBe('Входящий звонок: <b>Иван</b>, очередь Продажи');
  });

  test('answer and decline go to call and offer', async () => {
    const { tell, socket } = renderOnPage(<AgentPage />);
    act(() => tell(ring));
    await userEvent.click(screen.getByRole('button', { name: /Ответить/ }));
    expect(socket.last).toMatchObject({ callAction: { callId: 'c1', action: 'ACTION_ANSWER' } });
    await userEvent.click(screen.getByRole('button', { name: 'Отклонить' }));
    expect(socket.last).toMatchObject({ declineOffer: { offerId: 'o1' } });
  });

  test('Ctrl+Enter answers, once', async () => {
    const { tell, socket } = renderOnPage(<AgentPage />);
    act(() => tell(ring));
    await userEvent.keyboard('{Control>}{Enter}{/Control}');
    expect(socket.sent.filter((frame) => frame.callAction)).toHaveLength(1);
  });
});

describe('wrap-up', () => {
  test('asks for a result first, then finishes with result and comment', async () => {
    const { tell, socket } = renderOnPage(<AgentPage />);
    act(() => tell(wrapUp));
    await userEvent.click(screen.getByRole('button', { name: /Готово/ }));
    expect(screen.getByText('Выберите результат звонка')).toBeTruthy();
    expect(socket.sent.some((frame) => frame.finishWrapUp)).toBe(false);
    await userEvent.click(screen.getByText('Продажа'));
    await userEvent.type(screen.getByLabelText('Комментарий'), 'два');
    await userEvent.click(screen.getByRole('button', { name: /Готово/ }));
    expect(socket.last?.finishWrapUp).toEqual({ interactionId: 'i1', dispositionId: 'sold', comment: 'два' });
    // Kept until the gateway has it.
    expect(localStorage.getItem('zvon.wrap-up.i1')).toContain('два');
    await act(async () => socket.say({ response: { id: socket.last?.id } }));
    expect(localStorage.getItem('zvon.wrap-up.i1')).toBeNull();
  });

  test('what was typed in mid-talk is there in wrap-up, and told to the platform', async () => {
    const { tell, socket } = renderOnPage(<AgentPage />);
    act(() => {
      tell({ agent: { state: 'AGENT_STATE_ENGAGED', stateTime: iso(0), interaction } });
      tell({ call: { callId: 'c1', interactionId: 'i1', state: 'LEG_STATE_ANSWERED', queueId: 'sales' } });
    });
    await userEvent.type(screen.getByLabelText('Комментарий'), 'записал');
    act(() => {
      tell({ call: { callId: 'c1', interactionId: 'i1', state: 'LEG_STATE_ENDED' } });
      tell(wrapUp);
    });
    expect(screen.getByLabelText<HTMLTextAreaElement>('Комментарий').value).toBe('записал');
    expect(socket.sent.at(-1)?.setDisposition).toEqual({ interactionId: 'i1', comment: 'записал' });
  });
});

describe('status', () => {
  test('offers what the configuration has, and asks for it', async () => {
    const { tell, socket } = renderOnPage(<StatusSelector />);
    act(() => tell({ agent: { state: 'AGENT_STATE_NOT_READY', reasonId: 'missed', stateTime: iso(-62_500) } }));
    const button = screen.getByRole('button', { name: /Пропущен звонок.*1:02/ });
    await userEvent.click(button);
    const names = (await screen.findAllByRole('menuitem')).map((item) => item.textContent);
    expect(names).toEqual(['Готов', 'Перерыв', 'Обед', 'Обучение']);
    await userEvent.click(screen.getByRole('menuitem', { name: 'Обед' }));
    expect(socket.last?.setState).toEqual({ state: 'AGENT_STATE_NOT_READY', reasonId: 'lunch' });
  });
});

test('a failed command is told in the server’s words', async () => {
  const { Toasts } = await import('@/lib/ui/toasts');
  const { tell, socket } = renderOnPage(<><AgentPage /><Toasts /></>);
  act(() => tell(ring));
  await userEvent.click(screen.getByRole('button', { name: 'Отклонить' }));
  const id = socket.last?.id;
  await act(async () => socket.say({ response: { id, error: { code: 'NOT_FOUND', text: 'Предложение уже недействительно' } } }));
  expect(await screen.findByText('Предложение уже недействительно')).toBeTruthy();
});
