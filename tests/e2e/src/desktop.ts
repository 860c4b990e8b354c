import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";

const args = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync", "--autoplay-policy=no-user-gesture-required",
];

/** A person at the desktop, in Debian's Chromium. */
export class Desktop {
  private constructor(
    private readonly browser: Browser,
    readonly context: BrowserContext,
    readonly page: Page,
    /** Errors that the page threw or logged. */
    readonly errors: string[],
  ) {}

  static async logIn(url: string, login: string, locale = "en-US"): Promise<Desktop> {
    const browser = await chromium.launch({ executablePath: "/usr/bin/chromium", args });
    const context = await browser.newContext({ locale, viewport: { width: 1280, height: 800 } });
    const page = await context.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    page.on("console", (message) => {
      // A 401 before the log-in is how the page learns that there is no session.
      if (message.type() === "error" && !/401/.test(message.text())) errors.push(message.text());
    });
    await page.goto(url);
    const russian = locale.startsWith("ru");
    await page.getByLabel(russian ? "Организация" : "Organisation").fill("demo");
    await page.getByLabel(russian ? "Логин" : "Login", { exact: true }).fill(login);
    await page.getByLabel(russian ? "Пароль" : "Password", { exact: true }).fill("zvon-demo");
    await page.keyboard.press("Enter");
    return new Desktop(browser, context, page, errors);
  }

  async choose(status: string): Promise<void> {
    await this.page.getByRole("button", { name: /^Your status/ }).click();
    await this.page.getByRole("menuitem", { name: status, exact: true }).click();
  }

  async close(): Promise<void> {
    await this.browser.close();
  }
}
