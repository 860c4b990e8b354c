// Draws attention to an incoming call on whatever page the agent is: sound,
// the window's title, a notification when the window is hidden.
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { phoneText } from '@/lib/format';
import { Store, useStore } from '@/lib/store';
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
  const title = useRef('');

  useEffect(() => {
    if (!key || !sound) return;
    ring.start();
    return () => ring.stop();
  }, [key, sound]);

  useEffect(() => {
    if (!key) return;
    title.current = document.title;
    let on = false;
    const blink = () => {
      on = !on;
      document.title = on ? `● ${who}` : t('agent.incomingTitle');
    };
    blink();
    const timer = setInterval(blink, 1000);
    return () => {
      clearInterval(timer);
      document.title = title.current;
    };
  }, [key, who, t]);

  useEffect(() => {
    if (!key || !document.hidden || !('Notification' in window) || Notification.permission !== 'granted') return;
    const notification = new Notification(t('agent.incomingTitle'), { body: who, tag: key });
    notification.onclick = () => window.focus();
    return () => notification.close();
  }, [key, who, t]);
}
