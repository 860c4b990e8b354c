// Draws attention to an incoming call on whatever page the agent is: sound,
// the window's title, a notification when the window is hidden.
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { phoneText } from '@/lib/format';
import { Store, useStore } from '@/lib/store';
import { setAlertTitle } from '@/lib/ui/title';
import type { IncomingView } from './desk-view';
import { Ring } from './ring';

const kSoundKey = 'zvon.sound';
export const soundOn = new Store(localStorage.getItem(kSoundKey) !== 'off');
export function setSound(on: boolean): void {
  localStorage.setItem(kSoundKey, on ? 'on' : 'off');
  soundOn.set(on);
}

const ring = new Ring();

export function useIncomingAlert(incoming: IncomingView | undefined): void {
  const { t } = useTranslation();
  const sound = useStore(soundOn);
  const key = incoming?.key;
  const who = incoming ? incoming.name || phoneText(incoming.number) || t('common.unknownNumber') : '';

  useEffect(() => {
    if (!key || !sound) return;
    ring.start();
    return () => ring.stop();
  }, [key, sound]);

  useEffect(() => {
    if (!key) return;
    let on = false;
    const blink = () => {
      on = !on;
      setAlertTitle(on ? `● ${who}` : t('agent.incomingTitle'));
    };
    blink();
    const timer = setInterval(blink, 1000);
    return () => {
      clearInterval(timer);
      setAlertTitle('');
    };
  }, [key, who, t]);

  useEffect(() => {
    if (!key || !document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
    const notification = new Notification(t('agent.incomingTitle'), { body: who, tag: key });
    notification.onclick = () => window.focus();
    return () => notification.close();
  }, [key, who, t]);
}
