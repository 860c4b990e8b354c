// One gateway client per page: connection, state, subscriptions.
import type { ServerFrame } from '@/gen/zvon/gateway/v1/frames_pb';
import { CallAction_Action, Topic } from '@/gen/zvon/gateway/v1/frames_pb';
import type { AgentState } from '@/gen/zvon/routing/v1/routing_pb';
import { Store } from '@/lib/store';
import { GatewayConnection, GatewayError, type ConnectionPorts, type Identity, type RequestBody } from './connection';
import { applyFrame, initialState, resetState, type PlatformState } from './platform-state';

export type TransferTarget =
  | { kind: 'agent'; id: string }
  | { kind: 'queue'; id: string }
  | { kind: 'number'; id: string };

export class GatewayClient {
  readonly state = new Store<PlatformState>(initialState);
  readonly connection: GatewayConnection;
  // Why the live view is not there: an error code, or ''.
  readonly liveError = new Store('');
  #liveUsers = 0;

  constructor(ports: ConnectionPorts) {
    this.connection = new GatewayConnection(ports, {
      onReset: () => this.#reset(),
      onFrame: (frame) => this.#apply(frame),
    });
  }

  start(identity: Identity): void {
    this.connection.start(identity);
  }

  stop(): void {
    this.connection.stop();
    this.state.set(initialState);
  }

  setState(state: AgentState, reasonId = ''): Promise<string> {
    return this.#request('setState', { $typeName: 'zvon.gateway.v1.SetState', state, reasonId });
  }
  declineOffer(offerId: string): Promise<string> {
    return this.#request('declineOffer', { $typeName: 'zvon.gateway.v1.DeclineOffer', offerId });
  }
  callAction(callId: string, action: CallAction_Action): Promise<string> {
    return this.#request('callAction', { $typeName: 'zvon.gateway.v1.CallAction', callId, action });
  }
  transfer(callId: string, target: TransferTarget): Promise<string> {
    return this.#request('transfer', {
      $typeName: 'zvon.gateway.v1.Transfer',
      callId,
      number: target.kind === 'number' ? target.id : '',
      queueId: target.kind === 'queue' ? target.id : '',
      agentId: target.kind === 'agent' ? target.id : '',
    });
  }
  sendDigits(callId: string, digits: string): Promise<string> {
    return this.#request('sendDigits', { $typeName: 'zvon.gateway.v1.SendDigits', callId, digits });
  }
  startCall(number: string): Promise<string> {
    return this.#request('startCall', { $typeName: 'zvon.gateway.v1.StartCall', number });
  }
  setDisposition(interactionId: string, dispositionId: string, comment: string): Promise<string> {
    const value = { interactionId, dispositionId, comment };
    return this.#request('setDisposition', { $typeName: 'zvon.gateway.v1.SetDisposition', ...value });
  }
  finishWrapUp(interactionId: string, dispositionId: string, comment: string): Promise<string> {
    const value = { interactionId, dispositionId, comment };
    return this.#request('finishWrapUp', { $typeName: 'zvon.gateway.v1.FinishWrapUp', ...value });
  }
  signOut(): Promise<string> {
    return this.#request('signOut', { $typeName: 'zvon.gateway.v1.SignOut' });
  }

  // The live view is subscribed as long as somebody looks at it.
  useLive(): () => void {
    this.#liveUsers += 1;
    if (this.#liveUsers === 1) this.#subscribe();
    return () => {
      this.#liveUsers -= 1;
      if (this.#liveUsers === 0) this.#unsubscribe();
    };
  }

  #subscribe(): void {
    const body = { $typeName: 'zvon.gateway.v1.Subscribe', topic: Topic.LIVE } as const;
    this.#request('subscribe', body).then(
      () => this.liveError.set(''),
      (error: unknown) => this.liveError.set(error instanceof GatewayError ? error.code : 'UNKNOWN'),
    );
  }

  #unsubscribe(): void {
    const body = { $typeName: 'zvon.gateway.v1.Unsubscribe', topic: Topic.LIVE } as const;
    this.#request('unsubscribe', body).catch(() => undefined);
    this.state.update((state) => ({ ...state, liveAgents: new Map(), liveQueues: new Map() }));
  }

  #reset(): void {
    this.state.update(resetState);
    // A new client session has no subscriptions.
    if (this.#liveUsers > 0) this.#subscribe();
  }

  #apply(frame: ServerFrame): void {
    this.state.update((state) => applyFrame(state, frame));
  }

  #request<C extends RequestBody['case']>(
    name: C,
    value: Extract<RequestBody, { case: C }>['value'],
  ): Promise<string> {
    return this.connection.request({ case: name, value } as RequestBody);
  }
}
