// Agents, queues and calls of the fake gateway: a small router whose state is
// told through `tell`. Faithful in what clients can see: order of frames,
// deadlines, wrap-up, missed offers, hold, transfer.
import { randomUUID } from 'node:crypto';
import type { AgentStatusJson, InteractionSummaryJson, QueueStatusJson } from '@/gen/zvon/routing/v1/routing_pb';
import type { ServerFrameJson } from '@/gen/zvon/gateway/v1/frames_pb';
import type { AgentCallJson } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';
import { formatDurationJson } from '../../src/lib/time';
import { kTenant, users, type FakeUser } from './demo';
import { iso, recordOf, type FakeRecord, type SegmentDraft } from './reports';

export type AgentStateName = NonNullable<AgentStatusJson['state']> & string;

export interface WorldOptions {
  offerTimeout: number;
  wrapUpLimit: number;
}

interface Agent {
  user: FakeUser;
  state: AgentStateName;
  since: number;
  reasonId: string;
  call: Call | undefined;
  offerId: string;
  offerTime: number;
  deadline: number;
  next: { state: AgentStateName; reasonId: string } | undefined;
  sequence: number;
  handled: number;
  loginTime: number;
  timer: NodeJS.Timeout | undefined;
}

export interface Call {
  id: string;
  interactionId: string;
  number: string;
  name: string;
  calledNumber: string;
  queueId: string;
  data: Record<string, string>;
  outbound: boolean;
  enqueueTime: number;
  agent: Agent | undefined;
  leg: 'LEG_STATE_RINGING' | 'LEG_STATE_ANSWERED' | 'LEG_STATE_HELD' | 'LEG_STATE_ENDED';
  legTime: number;
  declinedBy: Set<string>;
  segments: SegmentDraft[];
  open: SegmentDraft | undefined;
  disposition: { dispositionId: string; comment: string };
  answered: boolean;
  endCause: string;
}

export interface RingOptions {
  number?: string;
  name?: string;
  queueId?: string;
  calledNumber?: string;
  data?: Record<string, string>;
}

export class WorldError extends Error {
  constructor(
    readonly code: string,
    text: string,
    readonly field = '',
  ) {
    super(text);
  }
}

export class World {
  readonly agents = new Map<string, Agent>();
  readonly calls = new Map<string, Call>();
  readonly digits: string[] = [];
  readonly today = new Map<string, { offered: number; answered: number; within: number; abandoned: number; wait: number }>();

  constructor(
    private readonly options: WorldOptions,
    // To one user, or to all who watch the live view.
    private readonly tell: (userId: string | 'live', frame: ServerFrameJson) => void,
    private readonly finished: (record: FakeRecord) => void,
  ) {
    for (const user of users.filter(({ roles }) => roles.includes('agent'))) {
      this.agents.set(user.id, {
        user, state: 'AGENT_STATE_OFFLINE', since: Date.now(), reasonId: '', call: undefined, offerId: '',
        offerTime: 0, deadline: 0, next: undefined, sequence: 0, handled: 0, loginTime: 0, timer: undefined,
      });
    }
    for (const queueId of ['sales', 'support']) {
      this.today.set(queueId, { offered: 0, answered: 0, within: 0, abandoned: 0, wait: 0 });
    }
  }

  close(): void {
    for (const agent of this.agents.values()) clearTimeout(agent.timer);
  }

  // ---- agents

  signIn(userId: string): void {
    const agent = this.#agent(userId);
    if (agent.state !== 'AGENT_STATE_OFFLINE') return;
    agent.loginTime = Date.now();
    this.#enter(agent, 'AGENT_STATE_NOT_READY');
  }

  signOut(userId: string): void {
    const agent = this.agents.get(userId);
    if (agent && !agent.call) this.#enter(agent, 'AGENT_STATE_OFFLINE');
  }

  setState(userId: string, state: AgentStateName, reasonId: string): void {
    const agent = this.#agent(userId);
    if (state !== 'AGENT_STATE_READY' && state !== 'AGENT_STATE_NOT_READY') {
      throw new WorldError('INVALID_ARGUMENT', 'Состояние выбрать нельзя', 'state');
    }
    if (agent.state === 'AGENT_STATE_READY' || agent.state === 'AGENT_STATE_NOT_READY') {
      return this.#enter(agent, state, reasonId);
    }
    agent.next = { state, reasonId };
    this.#tellAgent(agent);
  }

  statusOf(userId: string): AgentStatusJson | undefined {
    const agent = this.agents.get(userId);
    if (!agent) return undefined;
    const status: AgentStatusJson = {
      tenantId: kTenant,
      agentId: agent.user.id,
      state: agent.state,
      stateTime: iso(agent.since),
      sequence: String(agent.sequence),
      handledToday: agent.handled || undefined,
    };
    if (agent.reasonId) status.reasonId = agent.reasonId;
    if (agent.loginTime) status.loginTime = iso(agent.loginTime);
    if (agent.next) {
      status.nextState = agent.next.state;
      status.nextReasonId = agent.next.reasonId;
    }
    const { call } = agent;
    if (call && agent.state === 'AGENT_STATE_OFFERED') {
      status.offer = {
        offerId: agent.offerId,
        token: { epoch: '1', counter: String(agent.sequence) },
        tenantId: kTenant,
        interactionId: call.interactionId,
        queueId: call.queueId,
        agentId: agent.user.id,
        offerTime: iso(agent.offerTime),
        deadline: iso(agent.deadline),
        reason: 'longest_idle: 83.2 s',
        interaction: summaryOf(call),
      };
    } else if (call) {
      status.interaction = summaryOf(call);
    }
    if (agent.state === 'AGENT_STATE_WRAP_UP') status.wrapUpDeadline = iso(agent.deadline);
    return status;
  }

  #agent(userId: string): Agent {
    const agent = this.agents.get(userId);
    if (!agent) throw new WorldError('FAILED_PRECONDITION', 'Вы не оператор');
    return agent;
  }

  #enter(agent: Agent, state: AgentStateName, reasonId = ''): void {
    clearTimeout(agent.timer);
    agent.state = state;
    agent.since = Date.now();
    agent.reasonId = reasonId;
    if (state === 'AGENT_STATE_READY' || state === 'AGENT_STATE_NOT_READY' || state === 'AGENT_STATE_OFFLINE') {
      agent.call = undefined;
      agent.next = undefined;
    }
    this.#tellAgent(agent);
    this.#tellQueues();
    if (state === 'AGENT_STATE_READY') this.#distribute();
  }

  #tellAgent(agent: Agent): void {
    agent.sequence += 1;
    const status = this.statusOf(agent.user.id);
    if (!status) return;
    this.tell(agent.user.id, { agent: status });
    this.tell('live', { liveAgent: status });
  }

  // ---- queues

  queueStatus(queueId: string): QueueStatusJson {
    const waiting = this.#waiting(queueId);
    const members = [...this.agents.values()].filter(({ user }) => user.queues.includes(queueId));
    const count = (...states: AgentStateName[]) => members.filter(({ state }) => states.includes(state)).length || undefined;
    const today = this.today.get(queueId) ?? { offered: 0, answered: 0, within: 0, abandoned: 0, wait: 0 };
    const signedIn = members.some(({ state }) => state !== 'AGENT_STATE_OFFLINE');
    const status: QueueStatusJson = {
      tenantId: kTenant,
      queueId,
      waiting: waiting.length || undefined,
      agentsReady: count('AGENT_STATE_READY'),
      agentsEngaged: count('AGENT_STATE_ENGAGED', 'AGENT_STATE_OFFERED', 'AGENT_STATE_WRAP_UP'),
      agentsNotReady: count('AGENT_STATE_NOT_READY'),
      agentsSignedIn: members.filter(({ state }) => state !== 'AGENT_STATE_OFFLINE').length || undefined,
      offeredToday: today.offered || undefined,
      answeredToday: today.answered || undefined,
      abandonedToday: today.abandoned || undefined,
      answeredWithinThresholdToday: today.within || undefined,
      averageWaitToday: formatDurationJson(today.answered ? Math.round(today.wait / today.answered) : 0),
      unservable: (!signedIn && waiting.length) || undefined,
    };
    const first = waiting[0];
    if (first) status.longestEnqueueTime = iso(first.enqueueTime);
    return status;
  }

  #waiting(queueId: string): Call[] {
    return [...this.calls.values()].filter((call) => call.queueId === queueId && !call.outbound && !call.answered && call.leg !== 'LEG_STATE_ENDED');
  }

  #tellQueues(): void {
    for (const queueId of this.today.keys()) this.tell('live', { liveQueue: this.queueStatus(queueId) });
  }

  #distribute(): void {
    for (const call of this.calls.values()) {
      if (call.agent || call.answered || call.outbound || call.leg === 'LEG_STATE_ENDED') continue;
      const agent = [...this.agents.values()]
        .filter(({ state, user }) => state === 'AGENT_STATE_READY' && user.queues.includes(call.queueId) && !call.declinedBy.has(user.id))
        .sort((a, b) => a.since - b.since)[0];
      if (agent) this.#offer(call, agent);
    }
  }

  #offer(call: Call, agent: Agent): void {
    const now = Date.now();
    call.agent = agent;
    call.leg = 'LEG_STATE_RINGING';
    call.legTime = now;
    this.#segment(call, 'offer', { agentId: agent.user.id });
    agent.call = call;
    agent.offerId = randomUUID();
    agent.offerTime = now;
    agent.deadline = now + this.options.offerTimeout;
    this.#enter(agent, 'AGENT_STATE_OFFERED');
    this.#tellCall(call);
    agent.timer = setTimeout(() => this.#offerEnds(agent, 'expired'), this.options.offerTimeout);
  }

  #offerEnds(agent: Agent, outcome: 'expired' | 'declined' | 'revoked'): void {
    const { call } = agent;
    if (!call) return;
    if (call.open) call.open.outcome = outcome;
    const ended = this.callJson(call);
    this.tell(agent.user.id, { call: { ...ended, state: 'LEG_STATE_ENDED', endCause: 'END_CAUSE_CANCELLED' } });
    call.agent = undefined;
    if (outcome === 'revoked') return this.#enter(agent, 'AGENT_STATE_READY');
    call.declinedBy.add(agent.user.id);
    this.#segment(call, 'queue');
    if (outcome === 'expired') this.#enter(agent, 'AGENT_STATE_NOT_READY', 'missed');
    else this.#enter(agent, 'AGENT_STATE_READY');
    this.#distribute();
  }

  decline(userId: string, offerId: string): void {
    const agent = this.#agent(userId);
    if (agent.state !== 'AGENT_STATE_OFFERED' || agent.offerId !== offerId) {
      throw new WorldError('NOT_FOUND', 'Предложение уже недействительно', 'offer_id');
    }
    this.#offerEnds(agent, 'declined');
  }

  // ---- calls

  ringIn(options: RingOptions = {}): Call {
    const now = Date.now();
    const call = this.#newCall({
      number: options.number ?? '+79123456789',
      name: options.name ?? '',
      queueId: options.queueId ?? 'sales',
      calledNumber: options.calledNumber ?? '1000',
      data: options.data ?? {},
    });
    call.segments.push({ kind: 'scenario', start: now - 6000, end: now, outcome: 'completed' });
    this.#segment(call, 'queue');
    this.#count(call.queueId).offered += 1;
    this.#distribute();
    this.#tellQueues();
    return call;
  }

  #newCall(input: Required<RingOptions>): Call {
    const call: Call = {
      ...input, id: randomUUID(), interactionId: randomUUID(), outbound: false, enqueueTime: Date.now(), agent: undefined,
      leg: 'LEG_STATE_RINGING', legTime: Date.now(), declinedBy: new Set(), segments: [], open: undefined,
      disposition: { dispositionId: '', comment: '' }, answered: false, endCause: '',
    };
    this.calls.set(call.id, call);
    return call;
  }

  // The agent's phone rings, is answered at once, then the number is called.
  startCall(userId: string, number: string): string {
    const agent = this.#agent(userId);
    if (!/^\+?[0-9*#]{2,20}$/.test(number)) throw new WorldError('INVALID_ARGUMENT', 'Неверный номер', 'number');
    if (agent.call) throw new WorldError('FAILED_PRECONDITION', 'Вы уже разговариваете');
    const call = this.#newCall({ number, name: '', queueId: '', calledNumber: number, data: {} });
    call.outbound = true;
    call.agent = agent;
    agent.call = call;
    this.#tellCall(call);
    return call.id;
  }

  act(userId: string, callId: string, action: string): void {
    const agent = this.#agent(userId);
    const call = this.calls.get(callId);
    if (!call || call.agent !== agent || call.leg === 'LEG_STATE_ENDED') {
      throw new WorldError('NOT_FOUND', 'Такого звонка нет', 'call_id');
    }
    if (action === 'ACTION_ANSWER') return this.#answer(agent, call);
    if (action === 'ACTION_HANG_UP') {
      if (!call.answered && !call.outbound) return this.#offerEnds(agent, 'declined');
      return this.#end(call, 'agent_hangup', 'END_CAUSE_AGENT_HANGUP');
    }
    const held = action === 'ACTION_HOLD';
    const wanted = held ? 'LEG_STATE_ANSWERED' : 'LEG_STATE_HELD';
    if (call.leg !== wanted) throw new WorldError('FAILED_PRECONDITION', 'Сейчас это невозможно');
    this.#leg(call, held ? 'LEG_STATE_HELD' : 'LEG_STATE_ANSWERED');
    this.#segment(call, held ? 'hold' : 'talk', { agentId: agent.user.id });
  }

  #answer(agent: Agent, call: Call): void {
    if (call.leg !== 'LEG_STATE_RINGING') throw new WorldError('FAILED_PRECONDITION', 'Уже отвечено');
    if (call.open) call.open.outcome = 'accepted';
    call.answered = true;
    this.#leg(call, 'LEG_STATE_ANSWERED');
    this.#segment(call, 'talk', { agentId: agent.user.id });
    if (!call.outbound) {
      const today = this.#count(call.queueId);
      const wait = Date.now() - call.enqueueTime;
      today.answered += 1;
      today.wait += wait;
      if (wait <= 20_000) today.within += 1;
    }
    agent.handled += 1;
    this.#enter(agent, 'AGENT_STATE_ENGAGED');
  }

  // The number called is busy.
  fails(callId: string): void {
    const call = this.calls.get(callId);
    if (!call?.agent) return;
    call.leg = 'LEG_STATE_ENDED';
    this.tell(call.agent.user.id, { call: { ...this.callJson(call), endCause: 'END_CAUSE_BUSY' } });
    call.agent.call = undefined;
    this.calls.delete(callId);
  }

  // The phone of the agent is picked up.
  pickUp(callId: string): void {
    const call = this.calls.get(callId);
    if (call?.agent) this.#answer(call.agent, call);
  }

  customerHangsUp(callId: string): void {
    const call = this.calls.get(callId);
    if (!call || call.leg === 'LEG_STATE_ENDED') return;
    this.#end(call, 'customer_hangup', 'END_CAUSE_CUSTOMER_HANGUP');
  }

  #end(call: Call, cause: string, endCause: AgentCallJson['endCause']): void {
    const { agent } = call;
    call.endCause = cause;
    if (!call.answered) {
      call.leg = 'LEG_STATE_ENDED';
      if (call.open) call.open.outcome = 'abandoned';
      if (agent?.state === 'AGENT_STATE_OFFERED') this.#offerEnds(agent, 'revoked');
      else if (agent) agent.call = undefined;
      if (!call.outbound) this.#count(call.queueId).abandoned += 1;
      return this.#close(call, 'abandoned');
    }
    call.legTime = Date.now();
    call.leg = 'LEG_STATE_ENDED';
    if (agent) this.tell(agent.user.id, { call: { ...this.callJson(call), endCause } });
    if (!agent || call.outbound || this.options.wrapUpLimit === 0) {
      if (agent) this.#release(agent);
      return this.#close(call, 'answered');
    }
    this.#segment(call, 'wrap_up', { agentId: agent.user.id });
    agent.deadline = Date.now() + this.options.wrapUpLimit;
    this.#enter(agent, 'AGENT_STATE_WRAP_UP');
    agent.timer = setTimeout(() => this.#wrapUpEnds(agent), this.options.wrapUpLimit);
  }

  #release(agent: Agent): void {
    const { state, reasonId } = agent.next ?? { state: 'AGENT_STATE_READY' as const, reasonId: '' };
    this.#enter(agent, state, reasonId);
  }

  #wrapUpEnds(agent: Agent): void {
    const { call } = agent;
    if (agent.state !== 'AGENT_STATE_WRAP_UP') return;
    if (call) this.#close(call, 'answered');
    this.#release(agent);
  }

  setDisposition(userId: string, interactionId: string, dispositionId: string, comment: string): void {
    const { call } = this.#agent(userId);
    if (call?.interactionId !== interactionId) throw new WorldError('NOT_FOUND', 'Такого звонка нет', 'interaction_id');
    call.disposition = { dispositionId, comment };
  }

  finishWrapUp(userId: string, interactionId: string, dispositionId: string, comment: string): void {
    this.setDisposition(userId, interactionId, dispositionId, comment);
    const agent = this.#agent(userId);
    if (agent.state !== 'AGENT_STATE_WRAP_UP') throw new WorldError('FAILED_PRECONDITION', 'Обработка ещё не началась');
    this.#wrapUpEnds(agent);
  }

  transfer(userId: string, callId: string, target: { number?: string; queueId?: string; agentId?: string }): void {
    const agent = this.#agent(userId);
    const call = this.calls.get(callId);
    if (!call || call.agent !== agent || !call.answered) throw new WorldError('NOT_FOUND', 'Такого звонка нет', 'call_id');
    if (target.queueId && !this.today.has(target.queueId)) throw new WorldError('NOT_FOUND', 'Нет такой очереди', 'queue_id');
    if (target.agentId && this.agents.get(target.agentId)?.state === 'AGENT_STATE_OFFLINE') {
      throw new WorldError('FAILED_PRECONDITION', 'Этот сотрудник не в системе', 'agent_id');
    }
    this.#end(call, 'transferred', 'END_CAUSE_TRANSFERRED');
    if (target.queueId) this.ringIn({ number: call.number, name: call.name, queueId: target.queueId, data: call.data });
  }

  sendDigits(userId: string, callId: string, digits: string): void {
    const call = this.calls.get(callId);
    if (call?.agent?.user.id !== userId) throw new WorldError('NOT_FOUND', 'Такого звонка нет', 'call_id');
    if (!/^[0-9*#A-D]+$/.test(digits)) throw new WorldError('INVALID_ARGUMENT', 'Недопустимые знаки', 'digits');
    this.digits.push(...digits);
  }

  callsOf(userId: string): AgentCallJson[] {
    return [...this.calls.values()]
      .filter((call) => call.agent?.user.id === userId && call.leg !== 'LEG_STATE_ENDED')
      .map((call) => this.callJson(call));
  }

  callJson(call: Call): AgentCallJson {
    const json: AgentCallJson = {
      tenantId: kTenant,
      agentId: call.agent?.user.id,
      callId: call.id,
      interactionId: call.interactionId,
      state: call.leg,
      otherParty: { number: call.number, displayName: call.name },
      calledNumber: call.calledNumber,
      queueId: call.queueId,
      stateTime: iso(call.legTime),
      recording: call.leg === 'LEG_STATE_ANSWERED' || call.leg === 'LEG_STATE_HELD' || undefined,
      customerData: call.data,
    };
    if (call.agent && !call.outbound) json.offerId = call.agent.offerId;
    return json;
  }

  #leg(call: Call, leg: Call['leg']): void {
    call.leg = leg;
    call.legTime = Date.now();
    this.#tellCall(call);
  }

  #tellCall(call: Call): void {
    if (call.agent) this.tell(call.agent.user.id, { call: this.callJson(call) });
  }

  #count(queueId: string) {
    const today = this.today.get(queueId);
    if (!today) throw new WorldError('NOT_FOUND', 'Нет такой очереди', 'queue_id');
    return today;
  }

  // Closes the segment under way and begins another at the same instant.
  #segment(call: Call, kind: string, more: Partial<SegmentDraft> = {}): void {
    const now = Date.now();
    this.#closeSegment(call, now);
    call.open = { kind, start: now, end: now, queueId: call.queueId, ...more };
  }

  #closeSegment(call: Call, now: number): void {
    if (call.open) call.segments.push({ ...call.open, end: now });
    call.open = undefined;
  }

  #close(call: Call, outcome: string): void {
    this.#closeSegment(call, Date.now());
    this.calls.delete(call.id);
    this.finished(
      recordOf({
        id: call.interactionId,
        number: call.outbound ? '' : call.number,
        name: call.name,
        calledNumber: call.calledNumber,
        outcome,
        direction: call.outbound ? 'outbound' : 'inbound',
        endCause: call.endCause,
        ...call.disposition,
        segments: call.segments,
      }),
    );
    this.#tellQueues();
  }
}

function summaryOf(call: Call): InteractionSummaryJson {
  return {
    interactionId: call.interactionId,
    callId: call.id,
    callerNumber: call.number,
    callerName: call.name,
    calledNumber: call.calledNumber,
    queueId: call.queueId,
    enqueueTime: iso(call.enqueueTime),
    customerData: call.data,
  };
}
