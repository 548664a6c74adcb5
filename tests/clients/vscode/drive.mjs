// Visual Studio Code itself (code-server), with the extension as it is packaged, in a browser without a window: what a
// person would do with keys and clicks, and what they would see.
//
//   drive.mjs CODE_SERVER NODE VSIX BASEQ PROJECT SHOTS
//
// PROJECT is a folder as `baseq demo` makes it. A picture of every step is written to the folder SHOTS.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const [server, node, vsix, baseq, project, shots] = process.argv.slice(2);
const home = mkdtempSync(join(tmpdir(), 'baseq-code-'));
const quiet = { ...process.env, HOME: home, XDG_CONFIG_HOME: join(home, 'config'), XDG_DATA_HOME: join(home, 'data') };
mkdirSync(shots, { recursive: true });

const freePort = () =>
  new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });

/** Tries until it holds, for so many seconds. */
async function until(what, holds, seconds = 30) {
  const end = Date.now() + seconds * 1000;
  let last;
  while (Date.now() < end) {
    try {
      const found = await holds();
      if (found) return found;
    } catch (error) {
      last = error;
    }
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(`${what} did not come in ${seconds} s${last ? `: ${last}` : ''}`);
}

const HEAD = 'use agreement "DEMO"\nas of 2025-01-01\n\n';
const library = `${HEAD}--| Grown up.\ncohort adults =\n  from subjects\n  where grown: age >= 18 years\n`;
const user = `${HEAD}import "library.bq" (adults)\n\ntable by_sex =\n  from adults\n  group by sxe\n  show people = count(subjects)\n`;
writeFileSync(join(project, 'queries/library.bq'), library);
writeFileSync(join(project, 'queries/user.bq'), user);

// The path of a program belongs to the machine where it runs: it is read from the settings of that machine.
const machine = join(home, 'user/Machine');
mkdirSync(machine, { recursive: true });
writeFileSync(join(machine, 'settings.json'), JSON.stringify({ 'baseq.server.path': baseq }));
const settings = join(home, 'user/User');
mkdirSync(settings, { recursive: true });
writeFileSync(
  join(settings, 'settings.json'),
  JSON.stringify({
    'workbench.startupEditor': 'none',
    'telemetry.telemetryLevel': 'off',
    'workbench.colorTheme': 'Default Light Modern',
    'editor.accessibilitySupport': 'off',
    'window.confirmBeforeClose': 'never',
    'extensions.autoCheckUpdates': false,
    'chat.disableAIFeatures': true,
    'workbench.secondarySideBar.defaultVisibility': 'hidden',
  }),
);
const folders = ['--user-data-dir', join(home, 'user'), '--extensions-dir', join(home, 'extensions')];
const installed = spawnSync(node, [server, ...folders, '--install-extension', vsix], { env: quiet, encoding: 'utf8' });
assert.match(installed.stdout, /successfully installed/, installed.stderr);

const port = await freePort();
const code = spawn(
  node,
  [server, '--bind-addr', `127.0.0.1:${port}`, '--auth', 'none', '--disable-telemetry', '--disable-update-check',
    '--disable-workspace-trust', '--disable-getting-started-override', ...folders],
  { env: quiet, stdio: 'ignore', detached: true },
);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
  headless: true,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
    '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
let step = 0;
const shot = async (name) => {
  step += 1;
  const file = join(shots, `${String(step).padStart(2, '0')}_${name}.png`);
  await page.screenshot({ path: file });
  console.log(`  ok ${name}`);
};
const text = (selector) => page.locator(selector).allInnerTexts();
const quickly = async (words) => {
  await page.keyboard.press('F1');
  const input = page.locator('.quick-input-widget input');
  await input.waitFor();
  await input.fill(`>${words}`);
  await until(`the command ${words}`, async () => (await text('.quick-input-list .monaco-list-row')).some((it) => it.includes(words)));
  await page.keyboard.press('Enter');
};
/** Opens a file as a person does, who tries again when a key went elsewhere. */
const open = async (name) => {
  const tab = page.locator(`.tab[aria-selected="true"][data-resource-name="${name}"]`);
  for (let tries = 0; ; tries += 1) {
    await page.keyboard.press('Control+1');
    await page.keyboard.press('Control+p');
    const input = page.locator('.quick-input-widget input');
    await input.waitFor();
    await input.fill(name);
    await until(`the file ${name}`, async () => (await text('.quick-input-list .monaco-list-row'))[0]?.includes(name));
    await page.keyboard.press('Enter');
    try {
      await until(`the tab of ${name}`, async () => (await tab.count()) > 0, 10);
      return;
    } catch (error) {
      if (tries === 2) throw error;
      await page.keyboard.press('Escape');
    }
  }
};
const line = async (number, column = 1) => {
  await page.keyboard.press('Control+g');
  const input = page.locator('.quick-input-widget input');
  await input.waitFor();
  await input.fill(`:${number}:${column}`);
  await page.keyboard.press('Enter');
  await input.waitFor({ state: 'hidden' });
};
/** The text of the result panel, which stands in a frame of a frame. */
const panel = async () => {
  for (const frame of page.frames()) {
    const heading = await frame.locator('h1').allInnerTexts().catch(() => []);
    if (heading.length > 0 && frame !== page.mainFrame()) return { heading: heading[0], body: await frame.locator('body').innerText(), html: await frame.content() };
  }
  return undefined;
};
const lens = (title, nth = 0) => page.locator('.codelens-decoration a', { hasText: title }).nth(nth);

try {
  await until('code-server', async () => (await fetch(`http://127.0.0.1:${port}/healthz`)).ok);
  await page.goto(`http://127.0.0.1:${port}/?folder=${encodeURIComponent(project)}`);
  await page.locator('.monaco-workbench').waitFor({ timeout: 60000 });
  await until('the explorer', async () => (await text('.explorer-folders-view .monaco-list-row')).length > 0);

  await open('user.bq');
  await until('a diagnostic', async () => (await page.locator('.squiggly-error').count()) > 0);
  await quickly('Problems: Focus on Problems View');
  await page.locator('.viewpane-filter input, .markers-panel-action-filter input').first().fill('sxe');
  const problems = await until('the problem', async () => (await text('.markers-panel .monaco-list-row')).find((it) => it.includes('E0101')));
  assert.match(problems, /sxe/);
  await shot('diagnostic');
  await page.keyboard.press('Control+j');

  await open('user.bq');
  await line(8, 12);
  for (const _ of 'sxe') await page.keyboard.press('Delete');
  await page.keyboard.type('se', { delay: 60 });
  await page.keyboard.press('Control+Space');
  const offered = await until('the completion', async () => {
    const rows = await text('.suggest-widget .monaco-list-row');
    return rows.some((it) => it.startsWith('sex')) && rows;
  });
  await until('what it says of a column', async () => (await text('.suggest-details')).join(' ').includes('quasi'), 10).catch(async () => {
    await page.keyboard.press('Control+Space');
  });
  await shot('completion');
  assert.ok(offered[0].startsWith('sex'), offered.join(' | '));
  await page.keyboard.press('Enter');
  await until('the column', async () => (await text('.view-lines')).join('').replaceAll('\u00a0', ' ').includes('group by sex'));
  await until('no diagnostic', async () => (await page.locator('.squiggly-error').count()) === 0);
  await page.keyboard.press('Control+s');
  await until('the saved file', () => /group by sex\n/.test(readFileSync(join(project, 'queries/user.bq'), 'utf8')));

  await line(8, 13);
  await quickly('Show or Focus Hover');
  const hover = await until('the hover', async () => (await text('.monaco-hover')).find((it) => it.includes('subject.sex')));
  assert.match(hover, /quasi-identifier/);
  assert.match(hover, /policy\/demo\.bq:\d+/);
  await shot('hover');
  await page.keyboard.press('Escape');

  await line(7, 9);
  await page.keyboard.press('F2');
  const rename = page.locator('.rename-box input');
  await rename.waitFor();
  await rename.fill('grown_ups');
  await page.keyboard.press('Enter');
  await until('the new name', async () => (await text('.view-lines')).join('').includes('grown_ups'));
  await quickly('File: Save All Files');
  await until('both files', () =>
    ['library.bq', 'user.bq'].every((name) => readFileSync(join(project, 'queries', name), 'utf8').includes('grown_ups')));
  for (const name of ['library.bq', 'user.bq']) {
    assert.ok(!readFileSync(join(project, 'queries', name), 'utf8').includes('adults'), name);
  }
  await shot('rename');

  await line(9, 1);
  await page.keyboard.press('Home');
  await page.keyboard.type('        ');
  await quickly('Format Document');
  await until('the layout', async () => !(await text('.view-lines')).join('').includes('        show'.replaceAll(' ', '\u00a0')));
  await page.keyboard.press('Control+s');
  await until('the laid out file', () => /\n {2}show people/.test(readFileSync(join(project, 'queries/user.bq'), 'utf8')));
  await shot('format');

  await until('the lens', async () => (await lens('run').count()) > 0);
  await lens('run').click();
  const result = await until('the result panel', panel, 120);
  assert.equal(result.heading, 'by_sex');
  assert.match(result.body, /people/i);
  assert.match(result.body, /female/);
  assert.match(result.body, /counts below 10 people are withheld/);
  // The number on the screen is the one that the terminal prints.
  const ran = spawnSync(baseq, ['run', 'queries/user.bq', 'by_sex', '--as', 'csv'], { cwd: project, encoding: 'utf8' });
  for (const row of ran.stdout.trim().split('\n').slice(1)) {
    const [sex, people] = row.split(',');
    if (/^\d+$/.test(people)) assert.match(result.body.replaceAll(/\s+/g, ' '), new RegExp(`${sex} ${people}`), row);
  }
  assert.match(result.html, /default-src 'none'/);
  assert.ok(!/<script/i.test(result.html.replace(/<head>[\s\S]*?<\/head>/i, (head) => head.replace(/<script[\s\S]*?<\/script>/gi, ''))));
  await shot('result');

  await open('06_attrition.bq');
  await until('the lens', async () => (await lens('attrition').count()) > 0);
  await lens('attrition').click();
  const attrition = await until('the attrition', async () => { const it = await panel(); return it?.heading === 'new_users' && it; }, 120);
  assert.match(attrition.body, /history/);
  assert.match(attrition.html, /<svg class="bar"/);
  await shot('attrition');

  await page.keyboard.press('Control+1');
  await lens('count').click();
  const count = await until('the count', async () => (await text('.notification-list-item-message')).find((it) => it.includes('new_users:')), 120);
  assert.match(count, /new_users: (\d+|a withheld number)/);
  await shot('count');
  await quickly('Notifications: Clear All Notifications');

  await page.keyboard.press('Control+1');
  await lens('SQL').click();
  const sql = async () => (await text('.view-lines')).find((it) => it.replaceAll('\u00a0', ' ').includes('SELECT'));
  await until('the SQL', sql);
  await page.keyboard.press('Control+1');
  await line(10, 12);
  // What a rule became is marked in the SQL, and shown.
  await until('the marked SQL', async () => (await page.locator('.view-overlays [class*="ced-"]').count()) > 0);
  await shot('sql');

  await page.locator('.activitybar a[aria-label="baseq"]').click();
  const tree = await until('the schema', async () => { const rows = await text('.pane-body .monaco-list-row'); return rows.some((it) => it.includes('Entities')) && rows; });
  assert.ok(tree.some((it) => it.includes('Code sets')), tree.join(' | '));
  await page.locator('.pane-body .monaco-list-row', { hasText: 'Entities' }).click();
  await until('the entities', async () => (await text('.pane-body .monaco-list-row')).some((it) => it.includes('subjects')));
  await page.locator('.pane-body .monaco-list-row', { hasText: 'subjects' }).first().click();
  await until('the columns', async () => (await text('.pane-body .monaco-list-row')).some((it) => it.includes('birth')));
  await shot('schema');

  await open('user.bq');
  await quickly('baseq: Show the Policy Receipt');
  await until('the receipt', async () => (await text('.view-lines')).some((it) => it.replaceAll('\u00a0', ' ').includes('Why this may be read')));
  await shot('policy');
} catch (error) {
  await page.screenshot({ path: join(shots, 'failed.png') });
  console.error(`failed after step ${step}; ${join(shots, 'failed.png')} shows it`);
  throw error;
} finally {
  await browser.close();
  process.kill(-code.pid);
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
}
