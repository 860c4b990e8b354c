import { mkdirSync } from "node:fs";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Caller } from "../src/caller.ts";
import { Desktop } from "../src/desktop.ts";
import { Phone } from "../src/phone.ts";
import { sharedStack } from "../src/stack.ts";
import { delay } from "../src/wait.ts";

const stack = sharedStack();
const shots = process.env.ZVON_SCREENSHOTS ?? path.join(stack.dir, "screenshots");
let phone: Phone;
let desktop: Desktop;

beforeAll(async () => {
  mkdirSync(shots, { recursive: true });
  phone = await Phone.start({ dir: stack.dir, sipPort: stack.sipPort, user: "102", toneHz: 480 });
  desktop = await Desktop.logIn(stack.url, "agent2");
});
afterAll(async () => {
  await desktop?.close();
  await phone?.stop();
});

test("an agent takes a call on the desktop from ring to disposition, and finds it among the own calls", async () => {
  const { page } = desktop;
  await desktop.choose("Ready");
  await page.getByRole("button", { name: /^Your status: Ready/ }).waitFor();
  const caller = await Caller.start({
    dir: stack.dir, sipPort: stack.sipPort, number: "1004", scenario: "talk-until-bye.xml", from: "79160000301",
  });

  const card = page.getByRole("region", { name: "Incoming call" });
  await card.getByText(/916.?000.?03.?01/).first().waitFor({ timeout: 20_000 });
  await page.screenshot({ path: path.join(shots, "incoming.png") });
  phone.answer();
  await page.getByRole("button", { name: /^Hang up/ }).waitFor();

  await page.getByRole("button", { name: /^Hold/ }).click();
  await page.getByText("On hold").first().waitFor();
  await page.screenshot({ path: path.join(shots, "hold.png") });
  await page.getByRole("button", { name: /^Resume/ }).click();
  await page.getByRole("button", { name: /^Hold/ }).waitFor();
  await delay(1500);
  await page.screenshot({ path: path.join(shots, "talk.png") });
  await page.getByRole("button", { name: /^Hang up/ }).click();
  await caller.succeeds();

  const wrapUp = page.getByRole("region", { name: /Wrap-up/ });
  await wrapUp.waitFor();
  await page.screenshot({ path: path.join(shots, "wrap-up.png") });
  await wrapUp.getByText("Solved").click(); // The radio itself is hidden behind its chip.
  await wrapUp.getByRole("button", { name: /^Finish/ }).click();
  await page.getByRole("button", { name: /^Your status: Ready/ }).waitFor();
  await page.getByText(/916.?000.?03.?01/).first().waitFor({ timeout: 30_000 });
  await page.screenshot({ path: path.join(shots, "own-calls.png") });
  expect(desktop.errors).toEqual([]);
}, 90_000);

test("a supervisor sees the queues live and plays the recording in stereo", async () => {
  const supervisor = await Desktop.logIn(stack.url, "supervisor");
  const { page } = supervisor;
  try {
    await page.getByRole("link", { name: "Live view" }).click();
    await page.getByText("Борис Петров").first().waitFor();
    await page.screenshot({ path: path.join(shots, "live.png") });

    await page.getByRole("link", { name: "Calls", exact: true }).click();
    await page.getByRole("button", { name: /^Open the call of .*916.?000.?03.?01/ }).or(page.getByText(/916.?000.?03.?01/)).first().click();
    await page.getByText(/Every second is accounted for/).waitFor({ timeout: 20_000 });
    await page.getByRole("button", { name: "Play", exact: true }).click({ timeout: 30_000 });
    await page.getByRole("button", { name: "Pause", exact: true }).waitFor();
    await delay(1000);
    await page.screenshot({ path: path.join(shots, "player.png") });

    await page.keyboard.press("Escape");
    await page.getByRole("link", { name: "Queue report" }).click();
    await page.getByRole("table").first().waitFor();
    await page.screenshot({ path: path.join(shots, "report.png") });
    await page.getByRole("link", { name: "Telephony" }).click();
    await page.getByText("102").first().waitFor();
    await page.screenshot({ path: path.join(shots, "telephony.png") });
    expect(supervisor.errors).toEqual([]);
  } finally {
    await supervisor.close();
  }
}, 90_000);

test("the desktop speaks Russian to a Russian browser", async () => {
  const russian = await Desktop.logIn(stack.url, "agent4", "ru-RU");
  try {
    await russian.page.getByRole("button", { name: /^Ваш статус/ }).waitFor();
    await russian.page.screenshot({ path: path.join(shots, "agent-ru.png") });
    expect(russian.errors).toEqual([]);
  } finally {
    await russian.close();
  }
});
