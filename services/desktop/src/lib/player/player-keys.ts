// Where a key press takes the player. Pure, so that it can be tested.

export interface PlayerTime {
  position: number;
  length: number;
}

export function seekByKey(key: string, { position, length }: PlayerTime): number | undefined {
  const to = target(key, position, length);
  return to === undefined ? undefined : Math.min(Math.max(0, to), length);
}

function target(key: string, position: number, length: number): number | undefined {
  switch (key) {
    case 'ArrowLeft':
    case 'ArrowDown':
      return position - 5000;
    case 'ArrowRight':
    case 'ArrowUp':
      return position + 5000;
    case 'PageDown':
      return position - 30_000;
    case 'PageUp':
      return position + 30_000;
    case 'Home':
      return 0;
    case 'End':
      return length;
    default:
      return undefined;
  }
}
