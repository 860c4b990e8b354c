// The application's own icons: 24×24, drawn with strokes, hidden from
// assistive technology (the text beside them, or aria-label, speaks).

const kPaths = {
  phone: 'M5 4h4l2 5-2.500 1.500a12 12 0 0 0 5 5L15 13l5 2v4a1.500 1.500 0 0 1-1.600 1.500A16.500 16.500 0 0 1 3.500 5.600 1.500 1.500 0 0 1 5 4z',
  phoneDown: 'M3 15.500v-2C5 10.800 8.300 9.500 12 9.500s7 1.300 9 4v2l-4.500.800-.800-3a12 12 0 0 0-7.400 0l-.800 3z',
  pause: 'M8 5v14M16 5v14',
  play: 'M7 4.500v15l12-7.500z',
  transfer: 'M4 8h14m0 0-4-4m4 4-4 4M20 16H6m0 0 4-4m-4 4 4 4',
  keypad: 'M5 5h.010M12 5h.010M19 5h.010M5 12h.010M12 12h.010M19 12h.010M5 19h.010M12 19h.010M19 19h.010',
  check: 'm4.500 12.500 5 5 10-11',
  cross: 'M6 6l12 12M18 6 6 18',
  down: 'm6 9 6 6 6-6',
  up: 'm6 15 6-6 6 6',
  left: 'm15 6-6 6 6 6',
  right: 'm9 6 6 6-6 6',
  search: 'M11 18a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM16 16l4.500 4.500',
  user: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM4.500 20.500c.800-4 3.800-6 7.500-6s6.700 2 7.500 6',
  users: 'M9 11.500a3.500 3.500 0 1 0 0-7 3.500 3.500 0 0 0 0 7zM2.500 19.500c.600-3.500 3-5.300 6.500-5.300s5.900 1.800 6.500 5.300M16 4.800a3.500 3.500 0 0 1 0 6.500M18 14.600c2 .700 3.200 2.400 3.600 4.900',
  queue: 'M4 6h16M4 12h11M4 18h7',
  list: 'M8 6h12M8 12h12M8 18h12M4 6h.010M4 12h.010M4 18h.010',
  chart: 'M4 4v16h16M8.500 16v-4M13 16V8M17.500 16v-6',
  tower: 'M12 21V10M8.500 13.500a5 5 0 1 1 7 0M5.500 16.500a9 9 0 1 1 13 0M9 21h6',
  headset: 'M4 14v-2a8 8 0 0 1 16 0v2M4 14.500A1.500 1.500 0 0 1 5.500 13H7v6H5.500A1.500 1.500 0 0 1 4 17.500zM20 14.500a1.500 1.500 0 0 0-1.500-1.500H17v6h1.500a1.500 1.500 0 0 0 1.500-1.500zM18.500 19a4 4 0 0 1-4 2.500H13',
  live: 'M12 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM8 16a5.600 5.600 0 0 1 0-8M16 8a5.600 5.600 0 0 1 0 8M5 19A9.900 9.900 0 0 1 5 5M19 5a9.900 9.900 0 0 1 0 14',
  sun: 'M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.500v2M12 19.500v2M2.500 12h2M19.500 12h2M5.300 5.300l1.400 1.400M17.300 17.300l1.400 1.400M18.700 5.300l-1.400 1.400M6.700 17.300l-1.400 1.400',
  moon: 'M20 14.500A8.500 8.500 0 0 1 9.500 4a8.500 8.500 0 1 0 10.500 10.500z',
  globe: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM3 12h18M12 3c2.500 2.500 3.600 5.500 3.600 9s-1.100 6.500-3.600 9c-2.500-2.500-3.600-5.500-3.600-9s1.100-6.500 3.600-9z',
  exit: 'M14 4H6a1 1 0 0 0-1 1v14a1 1 0 0 0 1 1h8M10 12h10m0 0-3.500-3.500M20 12l-3.500 3.500',
  bell: 'M6 16.500V11a6 6 0 0 1 12 0v5.500l1.500 1.500h-15zM10 20.500h4',
  warning: 'M12 4 2.800 19.500h18.400zM12 10v4.500M12 17h.010',
  download: 'M12 4v11m0 0-4-4m4 4 4-4M5 20h14',
  volume: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM15.500 9a4 4 0 0 1 0 6M18 6.500a7.500 7.500 0 0 1 0 11',
  mute: 'M4 9.500v5h3.500L12 18.500v-13L7.500 9.500zM16 9.500l5 5M21 9.500l-5 5',
  refresh: 'M20 5v5h-5M4 19v-5h5M5.500 9.500A7.500 7.500 0 0 1 19.500 10M18.500 14.500A7.500 7.500 0 0 1 4.500 14',
  keyboard: 'M4 6.500h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1H4a1 1 0 0 1-1-1v-9a1 1 0 0 1 1-1zM7 10h.010M11 10h.010M15 10h.010M18 10h.010M8 14h8',
  record: 'M12 18a6 6 0 1 0 0-12 6 6 0 0 0 0 12z',
  sort: 'M8 4v16m0 0-3-3m3 3 3-3M16 20V4m0 0-3 3m3-3 3 3',
  clock: 'M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18zM12 7v5l3.500 2',
  in: 'M18 6 7 17m0 0v-8m0 8h8',
  out: 'M6 18 17 7m0 0v8m0-8H9',
} as const;

export type IconName = keyof typeof kPaths;

export function Icon({ name, size = 18, filled }: { name: IconName; size?: number; filled?: boolean }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill={filled ? 'currentColor' : 'none'}
      stroke="currentColor"
      strokeWidth={name === 'keypad' || name === 'list' ? 2.2 : 1.8}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
      style={{ flexShrink: 0, display: 'block' }}
    >
      <path d={kPaths[name]} />
    </svg>
  );
}
