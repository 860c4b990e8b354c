import { useEffect, useState } from 'react';
import { serverClock } from '@/lib/gateway/server-clock';

// The platform's time, renewed on each of its whole seconds (all timers on a
// page tick together), or every `period` milliseconds.
export function useNow(period = 1000): number {
  const [now, setNow] = useState(() => serverClock.now());
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout>;
    const tick = () => {
      const time = serverClock.now();
      setNow(time);
      timer = setTimeout(tick, period - (time % period));
    };
    tick();
    return () => clearTimeout(timer);
  }, [period]);
  return now;
}
