import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { accessibilityViolations, openStage, shot, signIn, startBrowser, type Stage, type StageOptions } from './harness';

let browser: Browser;
let stage: Stage;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser.close());
afterEach(async () => {
  const { problems } = stage;
  await stage.close();
  expect(problems).toEqual([]);
});

async function open(login: string, options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(browser, options);
  await signIn(stage, login);
  return stage;
}

function populate({ gateway: { world } }: Stage): void {
  for (const id of ['agent1', 'agent2', 'agent4', 'agent5']) world.signIn(id);
  world.setState('agent1', 'AGENT_STATE_READY', '');
  world.setState('agent2', 'AGENT_STATE_READY', '');
  world.setState('agent5', 'AGENT_STATE_NOT_READY', 'lunch');
  const call = world.ringIn({ name: 'ООО «Ромашка»' });
  world.pickUp(call.id);
  world.ringIn({ number: '+79031112233' });
  for (let i = 0; i < 3; i += 1) world.ringIn({ queueId: 'support' });
}

describe('live view', () => {
  test('queues and agents as they are, and as they change', async () => {
    const s = await open('supervisor');
    const { page, gateway } = s;
    await page.getByRole('region', { name: 'Операторы' }).getByText('Никто не подходит').waitFor();
    populate(s);
    await page.getByText('Поддержка: ждут 3 звонка, а готовых операторов нет').waitFor();
    const agents = page.getByRole('region', { name: 'Операторы' });
    await agents.getByText('ООО «Ромашка»').waitFor();
    await agents.getByText('Обед').waitFor();
    expect(await agents.getByText('4 оператора').count()).toBe(1);
    await page.waitForTimeout(1200);
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'live');
    // Ticks by itself.
    const before = await agents.locator('tbody tr').first().innerText();
    await expect.poll(() => agents.locator('tbody tr').first().innerText(), { timeout: 3000 }).not.toBe(before);
    gateway.world.signOut('agent5');
    await agents.getByText('3 оператора').waitFor();
    await agents.getByRole('switch', { name: 'Показать вышедших' }).click();
    await agents.getByText('6 операторов').waitFor();
    await agents.getByPlaceholder('Имя или номер').fill('101');
    await agents.getByText('1 оператор', { exact: true }).waitFor();
    await agents.getByPlaceholder('Имя или номер').fill('');
    await agents.getByRole('button', { name: 'Оператор', exact: true }).click();
    expect(await agents.locator('tbody tr').first().innerText()).toContain('Анна Белова');
  });

  test('dark theme and a narrow screen', async () => {
    const s = await open('supervisor', { context: { colorScheme: 'dark', viewport: { width: 400, height: 800 }, locale: 'en-GB' } });
    populate(s);
    await s.page.getByText(/3 calls are waiting and nobody is ready/).waitFor();
    expect(await accessibilityViolations(s.page)).toEqual([]);
    await shot(s.page, 'live-400-dark-en');
    expect(await s.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await s.page.getByRole('button', { name: 'Menu' }).click();
    await s.page.waitForTimeout(400);
    await shot(s.page, 'menu-400-dark-en');
    await s.page.getByRole('link', { name: 'Queue report' }).click();
    await s.page.getByRole('heading', { name: 'Queue report' }).waitFor();
    expect(await s.page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  });
});

describe('call list', () => {
  test('filters, pages, details with every second, the stereo player', async () => {
    const s = await open('supervisor');
    const { page } = s;
    await page.getByRole('link', { name: 'Звонки' }).click();
    await page.getByRole('combobox', { name: 'Период' }).click();
    await page.getByRole('option', { name: 'Последние 7 дней' }).click();
    const table = page.getByRole('table', { name: 'Звонки' });
    await table.waitFor();
    expect(await table.locator('tbody tr').count()).toBe(50);
    await page.getByRole('button', { name: 'Раньше' }).click();
    await page.getByText('Страница 2').waitFor();
    await page.getByRole('combobox', { name: 'Исход' }).click();
    await page.getByRole('option', { name: 'Принят' }).click();
    await expect.poll(() => table.locator('tbody tr').getByText('Потерян').count()).toBe(0);
    expect(await page.evaluate(() => location.hash)).toBe('#/interactions?period=week&outcome=answered');
    await page.waitForTimeout(300);
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'interactions', false);
    const csv = await page.getByRole('link', { name: 'Выгрузить CSV' }).getAttribute('href');
    const response = await page.request.get(`${s.url}${csv}`);
    expect(response.headers()['content-disposition']).toContain('attachment');

    await table.locator('tbody tr').nth(2).click();
    const drawer = page.getByRole('dialog');
    await drawer.getByText(/Учтена каждая секунда/).waitFor();
    const slider = drawer.getByRole('slider', { name: 'Место в записи' });
    await slider.waitFor();
    await page.waitForTimeout(800);
    expect(await accessibilityViolations(page)).toEqual([]);
    await slider.focus();
    await page.keyboard.press('ArrowRight');
    expect(await slider.getAttribute('aria-valuenow')).toBe('5');
    await drawer.getByRole('button', { name: 'Слушать' }).click();
    await expect.poll(async () => Number(await slider.getAttribute('aria-valuenow')), { timeout: 8000 }).toBeGreaterThan(5);
    await drawer.getByRole('button', { name: 'Выключить звук: Клиент' }).click();
    await drawer.getByRole('button', { name: 'Включить звук: Клиент' }).waitFor();
    await shot(page, 'interaction-details', false);
    await drawer.getByRole('button', { name: 'Пауза' }).click();
    await page.keyboard.press('Escape');
    await drawer.waitFor({ state: 'detached' });
  });

  test('an empty list says so', async () => {
    const s = await open('supervisor', { historyDays: 0 });
    await s.page.goto(`${s.url}/#/interactions?number=555`);
    await s.page.getByText('Звонков не нашлось').waitFor();
    await shot(s.page, 'interactions-empty');
  });
});

test('queue report: totals, chart, intervals', async () => {
  const s = await open('supervisor');
  const { page } = s;
  await page.getByRole('link', { name: 'Отчёт по очередям' }).click();
  await page.getByRole('combobox', { name: 'Период' }).click();
  await page.getByRole('option', { name: 'Вчера' }).click();
  await page.getByRole('img', { name: /Звонки по интервалам/ }).waitFor();
  const totals = page.getByRole('table', { name: 'По очередям' });
  await totals.getByText('Итого').waitFor();
  const sums = await page.getByRole('table').locator('tfoot tr').allInnerTexts();
  expect(sums[0]).toBe(sums[1]);
  expect(await accessibilityViolations(page)).toEqual([]);
  await shot(page, 'report');
});

test('telephony: trunks and phones', async () => {
  const s = await open('admin', { context: { colorScheme: 'dark' } });
  const { page } = s;
  await page.getByRole('link', { name: 'Телефония' }).click();
  await page.getByText('OPTIONS: no answer for 32 s').waitFor();
  await page.getByText('зарегистрировано 4 из 6').waitFor();
  expect(await page.getByRole('link', { name: 'Моё место' }).count()).toBe(0);
  expect(await accessibilityViolations(page)).toEqual([]);
  await shot(page, 'telephony-dark');
});
