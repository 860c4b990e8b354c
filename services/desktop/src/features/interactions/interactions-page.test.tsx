// @vitest-environment jsdom
import { fromJson } from '@bufbuild/protobuf';
import { screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { beforeEach, expect, test, vi } from 'vitest';
import { GetInteractionResponseSchema, ListInteractionsResponseSchema } from '@/gen/zvon/reportingservice/v1/reporting_service_pb';
import { api, ApiError } from '@/lib/api';
import { agentUser, renderOnPage } from '../../../test/render';
import { InteractionsPage } from './interactions-page';

const record = {
  interactionId: 'i1', direction: 'inbound', callerNumber: '+79123456789', calledNumber: '1000', startTime: '2026-05-17T09:00:00Z',
  queueId: 'sales', agentId: 'agent2', outcome: 'answered', dispositionId: 'sold', endCause: 'END_CAUSE_CUSTOMER_HANGUP',
  wait: '4s', talk: '61.5s', recordingIds: ['r1'],
};
const supervisor = { ...agentUser, userId: 'supervisor', roleIds: ['supervisor'], permissions: ['reports.read'] };
const list = (json: object) => fromJson(ListInteractionsResponseSchema, json as never);

beforeEach(() => {
  history.replaceState(null, '', '#/interactions');
});

test('rows by name, pages by token, filters in the address', async () => {
  const listing = vi.spyOn(api, 'listInteractions').mockResolvedValue(list({ interactions: [record], nextPageToken: 'p2' }));
  renderOnPage(<InteractionsPage />, supervisor);
  const table = await screen.findByRole('table');
  const row = within(table).getAllByRole('row')[1];
  for (const text of ['+7 912 345-67-89', 'Продажи', 'Борис Крылов', 'Принят', '0:04', '1:01', 'Продажа']) {
    expect(row?.textContent).toContain(text);
  }
  await userEvent.click(screen.getByRole('button', { name: 'Раньше' }));
  expect(listing.mock.lastCall?.[0]).toMatchObject({ pageToken: 'p2', pageSize: 50 });
  await userEvent.type(screen.getByLabelText('Номер'), '912');
  await vi.waitFor(() => expect(listing.mock.lastCall?.[0]).toMatchObject({ number: '912', pageToken: '' }));
  expect(location.hash).toBe('#/interactions?number=912');
});

test('details: causes in words, time left out is shown, no recording without the right', async () => {
  vi.spyOn(api, 'listInteractions').mockResolvedValue(list({ interactions: [record] }));
  const recordings = vi.spyOn(api, 'listRecordings');
  vi.spyOn(api, 'getInteraction').mockResolvedValue(
    fromJson(GetInteractionResponseSchema, {
      interaction: record,
      segments: [
        { kind: 'queue', startTime: '2026-05-17T09:00:00Z', endTime: '2026-05-17T09:00:04Z', queueId: 'sales' },
        { index: 1, kind: 'talk', startTime: '2026-05-17T09:00:10Z', endTime: '2026-05-17T09:01:00Z', agentId: 'agent2' },
      ],
    }),
  );
  renderOnPage(<InteractionsPage />, supervisor);
  await userEvent.click(await screen.findByRole('button', { name: /Открыть звонок/ }));
  const drawer = await screen.findByRole('dialog');
  expect(await within(drawer).findByText('Не учтено: 0:06')).toBeTruthy();
  expect(within(drawer).getByText('Клиент положил трубку')).toBeTruthy();
  expect(within(drawer).getByText('Вам недоступно прослушивание записей.')).toBeTruthy();
  expect(recordings).not.toHaveBeenCalled();
});

test('a failure is told and can be tried again', async () => {
  const listing = vi.spyOn(api, 'listInteractions').mockRejectedValueOnce(new ApiError(503, 'UNAVAILABLE', ''));
  renderOnPage(<InteractionsPage />, supervisor);
  await screen.findByText(/Сервер недоступен/);
  listing.mockResolvedValue(list({}));
  await userEvent.click(screen.getByRole('button', { name: 'Повторить' }));
  expect(await screen.findByText('Звонков не нашлось')).toBeTruthy();
});
