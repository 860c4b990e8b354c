export { AgentPage } from './agent-page';
export { StatusSelector } from './status-selector';
export { useDesk } from './use-desk';
export { useIncomingAlert } from './use-incoming-alert';
