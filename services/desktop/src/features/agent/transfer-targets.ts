// Who and what a call can be transferred to, best first.
import { AgentState, type AgentStatus, type QueueStatus } from '@/gen/zvon/routing/v1/routing_pb';
import type { TransferTarget } from '@/lib/gateway/gateway';
import type { Settings } from '@/lib/settings';

export interface TargetView {
  target: TransferTarget;
  name: string;
  detail: string;
  // Of an agent, where it is known.
  state: AgentState | undefined;
  // Of a queue, where it is known.
  waiting: number | undefined;
  ready: number | undefined;
}

export interface TargetInput {
  settings: Settings;
  liveAgents: ReadonlyMap<string, AgentStatus>;
  liveQueues: ReadonlyMap<string, QueueStatus>;
  ownUserId: string;
  search: string;
}

const kOrder: AgentState[] = [
  AgentState.READY,
  AgentState.WRAP_UP,
  AgentState.ENGAGED,
  AgentState.OFFERED,
  AgentState.NOT_READY,
];

export function agentTargets({ settings, liveAgents, ownUserId, search }: TargetInput): TargetView[] {
  const known = liveAgents.size > 0;
  const targets: TargetView[] = [];
  for (const user of settings.users.values()) {
    if (user.disabled || user.id === ownUserId || !user.internalNumber) continue;
    const state = liveAgents.get(user.id)?.state ?? (known ? AgentState.OFFLINE : undefined);
    targets.push({
      target: { kind: 'agent', id: user.id },
      name: user.name,
      detail: user.internalNumber,
      state,
      waiting: undefined,
      ready: undefined,
    });
  }
  return matching(targets, search).sort(
    (a, b) => rank(a.state) - rank(b.state) || a.name.localeCompare(b.name),
  );
}

export function queueTargets({ settings, liveQueues, search }: TargetInput): TargetView[] {
  const targets = [...settings.queues.values()].map((queue): TargetView => {
    const live = liveQueues.get(queue.id);
    return {
      target: { kind: 'queue', id: queue.id },
      name: queue.name,
      detail: '',
      state: undefined,
      waiting: live?.waiting,
      ready: live?.agentsReady,
    };
  });
  return matching(targets, search).sort((a, b) => a.name.localeCompare(b.name));
}

// What was typed, if it can be dialled: "+7 (912) 345-67-89" → "+79123456789".
export function diallable(text: string): string {
  const number = text.replace(/[\s()-]/g, '');
  return /^\+?[0-9*#]{2,20}$/.test(number) ? number : '';
}

function matching(targets: TargetView[], search: string): TargetView[] {
  const words = search.toLocaleLowerCase().split(/\s+/).filter(Boolean);
  return targets.filter((one) => {
    const text = `${one.name} ${one.detail} ${one.target.id}`.toLocaleLowerCase();
    return words.every((word) => text.includes(word));
  });
}

function rank(state: AgentState | undefined): number {
  const index = state === undefined ? -1 : kOrder.indexOf(state);
  return index < 0 ? kOrder.length : index;
}
