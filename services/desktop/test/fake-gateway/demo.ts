// The demo tenant as the fake gateway knows it.
import type { ResourceJson } from '@/gen/zvon/directory/v1/resource_pb';

export const kTenant = 'demo';
export const kPassword = 'zvon-demo';

export interface FakeUser {
  id: string;
  name: string;
  roles: string[];
  number: string;
  queues: string[];
}

export const users: FakeUser[] = [
  { id: 'admin', name: 'Администратор', roles: ['admin'], number: '', queues: [] },
  { id: 'supervisor', name: 'Мария Соколова', roles: ['supervisor'], number: '', queues: [] },
  { id: 'agent1', name: 'Анна Белова', roles: ['agent'], number: '101', queues: ['sales'] },
  { id: 'agent2', name: 'Борис Крылов', roles: ['agent'], number: '102', queues: ['sales'] },
  { id: 'agent3', name: 'Вера Орлова', roles: ['agent'], number: '103', queues: ['sales', 'support'] },
  { id: 'agent4', name: 'Глеб Зимин', roles: ['agent'], number: '104', queues: ['support'] },
  { id: 'agent5', name: 'Дарья Лисина', roles: ['agent'], number: '105', queues: ['support'] },
  { id: 'agent6', name: 'Егор Шмидт-Преображенский', roles: ['agent'], number: '106', queues: ['sales', 'support'] },
];

export const permissions: Record<string, string[]> = {
  admin: ['*'],
  supervisor: ['calls.handle', 'live.read', 'reports.read', 'recordings.listen', 'directory.read'],
  agent: ['calls.handle', 'recordings.listen.own', 'interactions.read.own'],
};

const resource = (collection: string, id: string, kind: Partial<ResourceJson>): ResourceJson => ({
  name: `tenants/${kTenant}/${collection}/${id}`,
  ...kind,
});

export const settings = {
  reasons: [
    resource('reasons', 'break', { notReadyReason: { displayNames: { ru: 'Перерыв', en: 'Break' }, position: 1 } }),
    resource('reasons', 'lunch', { notReadyReason: { displayNames: { ru: 'Обед', en: 'Lunch' }, position: 2 } }),
    resource('reasons', 'training', { notReadyReason: { displayNames: { ru: 'Обучение', en: 'Training' }, position: 3 } }),
    resource('reasons', 'missed', {
      notReadyReason: { displayNames: { ru: 'Пропущен звонок', en: 'Missed call' }, system: true, position: 9 },
    }),
  ],
  dispositions: [
    resource('dispositions', 'sold', {
      disposition: { displayNames: { ru: 'Продажа', en: 'Sale' }, queueIds: ['sales'], position: 1 },
    }),
    resource('dispositions', 'solved', {
      disposition: { displayNames: { ru: 'Вопрос решён', en: 'Solved' }, position: 2 },
    }),
    resource('dispositions', 'callback', {
      disposition: { displayNames: { ru: 'Перезвонить', en: 'Call back' }, position: 3 },
    }),
    resource('dispositions', 'wrong', {
      disposition: { displayNames: { ru: 'Ошиблись номером', en: 'Wrong number' }, position: 4 },
    }),
  ],
  queues: [
    resource('queues', 'sales', { queue: { displayName: 'Продажи', serviceLevelThreshold: '20s' } }),
    resource('queues', 'support', { queue: { displayName: 'Поддержка', serviceLevelThreshold: '20s' } }),
  ],
  users: users.map(({ id, name, roles, number }) =>
    resource('users', id, { user: { login: id, displayName: name, roleIds: roles, internalNumber: number } }),
  ),
};

export const customers: readonly (readonly [string, string])[] = [
  ['+79123456789', 'Иван Петров'],
  ['+79031112233', ''],
  ['+74957654321', 'ООО «Ромашка»'],
  ['+79998887766', 'Ольга Нестерова'],
  ['+79260000001', 'Test <b>&"quotes"</b>'],
  ['+442071234567', 'John Smith'],
  ['1005', 'Внутренний'],
];
