// A phone at the pier reads tickets by its camera: the browser is given a film of a ticket instead of one. It
// needs a browser of its own, as the film is named when the browser starts.
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PNG } from "pngjs";

import { launch } from "./browser.mjs";
import { phone, standing } from "./tours.mjs";

const hook = (name) => `[data-test="${name}"]`;
/** Of the film: what an old phone's camera gives. */
const WIDTH = 640;
const HEIGHT = 480;
/** ITU-R BT.601, 8 bits: white, and no colour at all. */
const WHITE = 235;
const GREY = 128;

/** How bright a pixel is: ITU-R BT.601, from 16 to 235. */
const brightness = (red, green, blue) => Math.round(16 + (65.481 * red + 128.553 * green + 24.966 * blue) / 255);

/** A film of a picture that stands still in the middle of a white wall: YUV4MPEG2, 4:2:0, ten frames a second. */
function film(screenshot) {
  const { width, height, data } = PNG.sync.read(screenshot);
  assert.ok(width <= WIDTH && height <= HEIGHT, `${width} × ${height} do not fit`);
  const left = Math.floor((WIDTH - width) / 2);
  const top = Math.floor((HEIGHT - height) / 2);
  const luma = Buffer.alloc(WIDTH * HEIGHT, WHITE);
  for (let y = 0; y < height; y += 1) {
    for (let x = 0; x < width; x += 1) {
      const at = 4 * (y * width + x);
      luma[(top + y) * WIDTH + left + x] = brightness(data[at], data[at + 1], data[at + 2]);
    }
  }
  const chroma = Buffer.alloc(WIDTH * HEIGHT / 2, GREY);
  const frame = [Buffer.from("FRAME\n"), luma, chroma];
  return Buffer.concat([Buffer.from(`YUV4MPEG2 W${WIDTH} H${HEIGHT} F10:1 Ip A1:1 C420\n`), ...frame, ...frame]);
}

/** One guest by a photo of the ticket, the other one by the camera; each entry is taken back. */
export async function readByCamera(shopper, baseUrl, viewport) {
  const [first, second] = shopper.codes;
  const pictureOf = (code) => shopper.page.locator(`${hook("ticket")}[data-code="${code}"] .qr`).screenshot();
  const folder = await mkdtemp(join(tmpdir(), "chonoi-camera-"));
  let browser;
  try {
    const file = join(folder, "ticket.y4m");
    await writeFile(file, film(await pictureOf(first)));
    browser = await launch([
      "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream", `--use-file-for-fake-video-capture=${file}`,
    ]);
    const { context, page, wrongs, told } = await phone(shopper, browser, baseUrl, viewport);
    await context.grantPermissions(["camera"], { origin: baseUrl });
    const verdict = (outcome) => page.locator(`${hook("verdict")}[data-pending="no"][data-outcome="${outcome}"]`).waitFor();
    const takeBack = async () => {
      await page.locator(hook("undo")).click();
      await verdict("UNDONE");
    };
    const statuses = async () => new Map((await standing(shopper)).map(({ code, status }) => [code, status]));

    await page.locator(hook("checkin-photo")).setInputFiles({
      name: "ve.png", mimeType: "image/png", buffer: await pictureOf(second),
    });
    await verdict("ADMITTED");
    assert.deepEqual(await statuses(), new Map([[first, "VALID"], [second, "REDEEMED"]]));
    await takeBack();

    const camera = page.locator("[data-start]");
    await camera.click();
    await verdict("ADMITTED");
    // Before the camera sees the same ticket again, which it does not believe for four seconds.
    await camera.click();
    await page.locator("[data-camera]").waitFor({ state: "hidden" });
    await shopper.shoot(page, "camera");
    assert.deepEqual(await statuses(), new Map([[first, "REDEEMED"], [second, "VALID"]]));
    await takeBack();
    await told();
    assert.deepEqual(await statuses(), new Map([[first, "VALID"], [second, "VALID"]]));
    assert.deepEqual(wrongs, []);
  } finally {
    await browser?.close();
    await rm(folder, { recursive: true });
  }
}
