// Why a call that the agent started came to nothing.
import { EndCause } from '@/gen/zvon/call/v1/call_pb';
import type { AgentCall } from '@/gen/zvon/signalingservice/v1/signaling_service_pb';

const kFailures = [
  EndCause.NO_ANSWER,
  EndCause.BUSY,
  EndCause.REJECTED,
  EndCause.UNREACHABLE,
  EndCause.FAILURE,
  EndCause.OVERLOAD,
];

// A key of endCauses.* for a started call that failed, else ''.
export function failureOf(call: AgentCall | undefined, startedCallIds: ReadonlySet<string>): string {
  if (!call || !startedCallIds.has(call.callId) || !kFailures.includes(call.endCause)) return '';
  return (EndCause[call.endCause] ?? '').toLowerCase();
}
