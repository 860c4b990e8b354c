// Chromium on the built application over a fake gateway of its own.
import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import axe from 'axe-core';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { FakeGateway, type FakeOptions } from '../fake-gateway/fake-gateway';

const kRoot = fileURLToPath(new URL('../../dist', import.meta.url));
// Screenshots go here, one per page and theme.
export const kShots = process.env['ZVON_SCREENSHOTS'] ?? join(tmpdir(), 'zvon-desktop-pages');

export async function startBrowser(): Promise<Browser> {
  mkdirSync(kShots, { recursive: true });
  return chromium.launch({
    executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
    args: [
      '--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
    ],
  });
}

export interface Stage {
  gateway: FakeGateway;
  page: Page;
  url: string;
  // Errors and CSP violations on the console; a test ends with none.
  problems: string[];
  close: () => Promise<void>;
}

export interface StageOptions extends FakeOptions {
  context?: BrowserContextOptions;
}

export async function openStage(browser: Browser, { context: contextOptions, ...options }: StageOptions = {}): Promise<Stage> {
  const gateway = new FakeGateway({ root: kRoot, ...options });
  const url = await gateway.listen();
  const context = await browser.newContext({ locale: 'ru-RU', viewport: { width: 1280, height: 800 }, ...contextOptions });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const problems: string[] = [];
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => {
    // The refused log-in and the cut connection are meant.
    if (message.type() === 'error' && !/status of 401|WebSocket connection|status of 503/.test(message.text())) {
      problems.push(message.text());
    }
  });
  return {
    gateway,
    page,
    url,
    problems,
    close: async () => {
      await context.close();
      await gateway.close();
    },
  };
}

export async function signIn({ page, url }: Stage, login: string): Promise<void> {
  await page.goto(url);
  await page.locator('input[name=tenant]').fill('demo');
  await page.locator('input[name=login]').fill(login);
  await page.locator('input[name=password]').fill('zvon-demo');
  await page.locator('button[type=submit]').click();
  await page.locator('[data-connection=online]').waitFor({ state: 'attached' });
}

export async function shot(page: Page, name: string, fullPage = true): Promise<void> {
  await page.screenshot({ path: join(kShots, `${name}.png`), fullPage });
}

// Violations of WCAG 2.1 A and AA, readable in a failing assertion.
export async function accessibilityViolations(page: Page): Promise<string[]> {
  await page.evaluate(axe.source);
  const violations = await page.evaluate(async () => {
    const { axe: runner } = window as unknown as { axe: typeof import('axe-core') };
    const result = await runner.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] });
    return result.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.slice(0, 4).map((node) => `${node.html.slice(0, 160)} | ${node.failureSummary?.slice(0, 220) ?? ''}`),
    }));
  });
  return violations.map(({ id, nodes }) => `${id}: ${nodes.join(' || ')}`);
}
