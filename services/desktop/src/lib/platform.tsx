// What every page needs: who is signed in, the gateway, its state.
import { createContext, useContext } from 'react';
import type { GatewayClient } from '@/lib/gateway/gateway';
import type { PlatformState } from '@/lib/gateway/platform-state';
import type { SessionUser } from '@/lib/session-user';
import type { Settings } from '@/lib/settings';
import { useStore } from '@/lib/store';

export interface Platform {
  user: SessionUser;
  gateway: GatewayClient;
}

const PlatformContext = createContext<Platform | undefined>(undefined);

export const PlatformProvider = PlatformContext.Provider;

export function usePlatform(): Platform {
  const platform = useContext(PlatformContext);
  if (!platform) throw new Error('no platform above this component');
  return platform;
}

export function usePlatformState(): PlatformState {
  return useStore(usePlatform().gateway.state);
}

export function useSettings(): Settings {
  return usePlatformState().settings;
}
