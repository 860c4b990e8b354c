// How an agent's state looks and is called, the same on every page.
import { Box } from '@mantine/core';
import { AgentState } from '@/gen/zvon/routing/v1/routing_pb';

const kColors: Record<AgentState, string> = {
  [AgentState.UNSPECIFIED]: 'gray',
  [AgentState.OFFLINE]: 'gray',
  [AgentState.NOT_READY]: 'orange',
  [AgentState.READY]: 'green',
  [AgentState.OFFERED]: 'pink',
  [AgentState.ENGAGED]: 'blue',
  [AgentState.WRAP_UP]: 'violet',
};

export const stateColor = (state: AgentState): string => kColors[state] ?? 'gray';

// A key of i18n's agentState.*
export function stateKey(state: AgentState) {
  switch (state) {
    case AgentState.NOT_READY:
      return 'agentState.notReady';
    case AgentState.READY:
      return 'agentState.ready';
    case AgentState.OFFERED:
      return 'agentState.offered';
    case AgentState.ENGAGED:
      return 'agentState.engaged';
    case AgentState.WRAP_UP:
      return 'agentState.wrapUp';
    default:
      return 'agentState.offline';
  }
}

export function StateDot({ state, size = 10 }: { state: AgentState; size?: number }) {
  return (
    <Box
      component="span"
      aria-hidden
      style={{
        display: 'inline-block',
        flexShrink: 0,
        width: size,
        height: size,
        borderRadius: '50%',
        background: `var(--mantine-color-${stateColor(state)}-${state === AgentState.OFFLINE ? 5 : 6})`,
      }}
    />
  );
}
