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

async function open(options: StageOptions = {}): Promise<Stage> {
  stage = await openStage(browser, options);
  return stage;
}

async function becomeReady({ page }: Stage): Promise<void> {
  await page.getByRole('button', { name: /Ваш статус/ }).click();
  await page.getByRole('menuitem', { name: 'Готов', exact: true }).click();
  await page.getByRole('button', { name: /Ваш статус: Готов/ }).waitFor();
}

describe('log-in', () => {
  test('a wrong password is told plainly, the right one opens the desk', async () => {
    const { page, url } = await open();
    await page.goto(url);
    await page.getByRole('button', { name: 'Войти' }).click();
    expect(await page.getByText('Заполните это поле').count()).toBe(3);
    await page.getByLabel('Организация').fill('demo');
    await page.getByLabel('Логин').fill('agent1');
    await page.getByLabel('Пароль', { exact: true }).fill('wrong');
    await page.getByRole('button', { name: 'Войти' }).click();
    await page.getByText('Неверная организация, логин или пароль.').waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'sign-in-error');
    await page.getByLabel('Пароль', { exact: true }).fill('zvon-demo');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: /Ваш статус: Не готов/ }).waitFor();
    expect(await page.evaluate(() => localStorage.getItem('zvon.sign-in'))).toBe('{"tenant":"demo","login":"agent1"}');
  });

  test('the language follows the browser and can be changed', async () => {
    const { page, url } = await open({ context: { locale: 'en-GB', colorScheme: 'dark' } });
    await page.goto(url);
    await page.getByRole('button', { name: 'Log in' }).waitFor();
    await shot(page, 'sign-in-en-dark');
    await page.getByText('RU', { exact: true }).click();
    await page.getByRole('button', { name: 'Войти' }).waitFor();
    await page.reload();
    await page.getByRole('button', { name: 'Войти' }).waitFor();
    expect(await page.evaluate(() => document.documentElement.lang)).toBe('ru');
  });
});

describe('agent', () => {
  test('incoming, answer, hold, resume, customer hangs up, disposition', async () => {
    const s = await open();
    const { page, gateway } = s;
    await signIn(s, 'agent1');
    await becomeReady(s);
    await shot(page, 'agent-ready');
    const call = gateway.world.ringIn({
      number: '+79123456789',
      name: 'Иван <img src=x onerror=alert(1)>',
      data: { Город: 'Казань', 'Номер договора': '18-204/77', Тариф: 'Бизнес', Заметка: '<script>alert(1)</script>' },
    });
    const card = page.getByRole('region', { name: 'Входящий звонок' });
    await card.getByText('Иван <img src=x onerror=alert(1)>').waitFor();
    await card.getByText('Казань').waitFor();
    await card.getByText('Продажи').waitFor();
    expect(await page.title()).toMatch(/●|Входящий/);
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'agent-incoming');

    await page.keyboard.press('Control+Enter');
    const talk = page.getByRole('region', { name: 'Разговор' });
    await talk.getByRole('timer').waitFor();
    expect(call.leg).toBe('LEG_STATE_ANSWERED');
    await shot(page, 'agent-talk');
    await page.getByRole('button', { name: 'Удержать' }).click();
    await talk.getByText(/На удержании/).waitFor();
    await shot(page, 'agent-held');
    await page.keyboard.press('F8');
    await page.getByRole('button', { name: 'Удержать' }).waitFor();
    await page.getByRole('button', { name: 'Клавиши' }).click();
    await page.getByRole('button', { name: '5', exact: true }).click();
    await page.getByRole('button', { name: '#', exact: true }).click();
    await expect.poll(() => gateway.world.digits.join('')).toBe('5#');
    await page.keyboard.press('Escape');

    gateway.world.customerHangsUp(call.id);
    const wrapUp = page.getByRole('region', { name: 'Обработка' });
    await wrapUp.getByText(/осталось 0:/).waitFor();
    await page.getByRole('button', { name: /Готово/ }).click();
    await wrapUp.getByText('Выберите результат звонка').waitFor();
    await wrapUp.getByText('Продажа').click();
    await wrapUp.getByLabel('Комментарий').fill('Купил две лицензии');
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'agent-wrap-up');
    await page.keyboard.press('Control+Enter');
    await page.getByRole('button', { name: /Ваш статус: Готов/ }).waitFor();
    const record = gateway.records.at(-1)?.record;
    expect(record).toMatchObject({ outcome: 'answered', dispositionId: 'sold', comment: 'Купил две лицензии' });
    // The call appears among one's own by itself, and plays.
    const own = page.getByRole('button', { name: /Иван/ });
    await own.first().click();
    await page.getByRole('slider', { name: 'Место в записи' }).waitFor();
    await page.waitForTimeout(300);
    await shot(page, 'agent-own-calls');
  });

  test('a missed call makes the agent not ready, with the reason', async () => {
    const s = await open({ offerTimeout: 1200 });
    await signIn(s, 'agent1');
    await becomeReady(s);
    s.gateway.world.ringIn();
    await s.page.getByRole('region', { name: 'Входящий звонок' }).waitFor();
    await s.page.getByRole('button', { name: /Ваш статус: Пропущен звонок/ }).waitFor();
    expect(await s.page.getByRole('region', { name: 'Входящий звонок' }).count()).toBe(0);
  });

  test('declining sends the customer on', async () => {
    const s = await open();
    await signIn(s, 'agent1');
    await becomeReady(s);
    const call = s.gateway.world.ringIn();
    await s.page.getByRole('button', { name: 'Отклонить' }).click();
    await s.page.getByText('Ожидание следующего звонка.').waitFor();
    expect(call.declinedBy.has('agent1')).toBe(true);
  });

  test('a break: banner, resumption without loss, the form survives a reload', async () => {
    const s = await open();
    const { page, gateway } = s;
    await signIn(s, 'agent1');
    await becomeReady(s);
    const call = gateway.world.ringIn({ name: 'Ольга' });
    await page.getByRole('button', { name: /Ответить/ }).click();
    await page.getByLabel('Комментарий').fill('Начало заметки');
    gateway.down = true;
    gateway.cutConnections();
    await page.getByText(/Потеряна связь с сервером/).waitFor();
    await shot(page, 'agent-connection-lost');
    // What happens meanwhile is told after the break.
    gateway.world.customerHangsUp(call.id);
    gateway.down = false;
    await page.getByRole('button', { name: 'Попробовать сейчас' }).click();
    await page.getByRole('region', { name: 'Обработка' }).waitFor();
    expect(gateway.clients.size).toBe(1);
    await page.reload();
    const wrapUp = page.getByRole('region', { name: 'Обработка' });
    await wrapUp.waitFor();
    expect(await wrapUp.getByLabel('Комментарий').inputValue()).toBe('Начало заметки');
  });

  test('transfer to a colleague, found by name, with their state shown', async () => {
    const s = await open();
    const { page, gateway } = s;
    gateway.world.signIn('agent2');
    gateway.world.setState('agent2', 'AGENT_STATE_NOT_READY', 'lunch');
    await signIn(s, 'agent1');
    await becomeReady(s);
    gateway.world.ringIn({ name: 'Ольга' });
    await page.getByRole('button', { name: /Ответить/ }).click();
    await page.getByRole('button', { name: /Перевести/ }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByText('Борис Крылов').waitFor();
    await page.waitForTimeout(300);
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'agent-transfer');
    await dialog.getByLabel('Кому').fill('бор');
    expect(await dialog.getByText('Анна Белова').count()).toBe(0);
    await dialog.getByText('Борис Крылов').click();
    await page.getByRole('region', { name: 'Обработка' }).waitFor();
    expect(gateway.received.some((frame) => frame.transfer?.agentId === 'agent2')).toBe(true);
  });

  test('starts a call: the own phone rings, then the talk', async () => {
    const s = await open();
    const { page, gateway } = s;
    await signIn(s, 'agent1');
    await page.getByLabel('Позвонить по номеру').fill('abc');
    await page.getByRole('button', { name: 'Позвонить' }).click();
    await page.getByText('Только цифры, *, # и + в начале').waitFor();
    await page.getByLabel('Позвонить по номеру').fill('+7 (912) 000-11-22');
    await page.getByRole('button', { name: 'Позвонить' }).click();
    await page.getByText('Вызов: снимите трубку своего телефона').waitFor();
    expect(await page.getByRole('region', { name: 'Входящий звонок' }).count()).toBe(0);
    const call = [...gateway.world.calls.values()][0];
    expect(call?.number).toBe('+79120001122');
    gateway.world.pickUp(call?.id ?? '');
    await page.getByRole('region', { name: 'Разговор' }).waitFor();
    await page.getByRole('button', { name: 'Анна Белова' }).click();
    await page.getByRole('menuitem', { name: 'Выйти' }).click();
    await page.getByText(/У вас идёт звонок/).waitFor();
    await page.getByRole('button', { name: 'Остаться' }).click();
    await page.getByRole('button', { name: /Завершить/ }).click();
    await page.getByRole('button', { name: /Ваш статус: Готов/ }).waitFor();
    await page.getByRole('textbox', { name: 'Позвонить по номеру' }).fill('106');
    await page.keyboard.press('Enter');
    await expect.poll(() => gateway.world.calls.size).toBe(1);
    gateway.world.fails([...gateway.world.calls.keys()][0] ?? '');
    await page.getByText('Дозвониться не удалось: Занято').waitFor();
  });

  test('dark theme, in English, from ring to wrap-up', async () => {
    const s = await open({ context: { colorScheme: 'dark', locale: 'en-GB' } });
    const { page, gateway } = s;
    await signIn(s, 'agent1');
    gateway.world.setState('agent1', 'AGENT_STATE_READY', '');
    const call = gateway.world.ringIn({ name: 'Olga', data: { City: 'Kazan' } });
    await page.getByRole('region', { name: 'Incoming call' }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'agent-incoming-dark-en');
    await page.getByRole('button', { name: /Answer/ }).click();
    await page.getByRole('region', { name: 'Talking' }).waitFor();
    await page.getByRole('button', { name: 'Hold' }).click();
    await page.getByText(/On hold/).first().waitFor();
    await page.waitForTimeout(300);
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'agent-held-dark-en');
    gateway.world.customerHangsUp(call.id);
    await page.getByRole('region', { name: 'Wrap-up' }).waitFor();
    expect(await accessibilityViolations(page)).toEqual([]);
    await shot(page, 'agent-wrap-up-dark-en');
  });

  test('usable on a telephone’s screen', async () => {
    const s = await open({ context: { viewport: { width: 400, height: 800 } } });
    const { page, gateway } = s;
    await signIn(s, 'agent1');
    await becomeReady(s);
    gateway.world.ringIn({ name: 'Ольга Нестерова', data: { Город: 'Казань' } });
    await page.getByRole('region', { name: 'Входящий звонок' }).waitFor();
    await shot(page, 'agent-400');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
    await page.getByRole('button', { name: 'Ответить' }).click();
    await page.getByRole('region', { name: 'Разговор' }).waitFor();
    await shot(page, 'agent-talk-400');
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(400);
  });
});
