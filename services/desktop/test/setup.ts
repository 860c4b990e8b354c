import { afterEach } from 'vitest';

// Component tests ask for jsdom by a comment at the head of the file.
if (typeof window !== 'undefined') {
  const { cleanup } = await import('@testing-library/react');
  afterEach(cleanup);
  // What Mantine asks of a browser and jsdom has not.
  window.matchMedia ??= (query: string) =>
    ({
      matches: false,
      media: query,
      addEventListener: () => undefined,
      removeEventListener: () => undefined,
      addListener: () => undefined,
      removeListener: () => undefined,
    }) as unknown as MediaQueryList;
  window.ResizeObserver ??= class {
    observe() {}
    unobserve() {}
    disconnect() {}
  };
  if (!document.fonts) {
    Object.defineProperty(document, 'fonts', { value: new EventTarget() });
  }
  window.HTMLElement.prototype.scrollIntoView = () => undefined;
}
