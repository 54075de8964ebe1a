// Reads a VietQR without any code of the market: the picture by jsQR, the payload by EMVCo's rules.
import jsqr from "jsqr";
import { PNG } from "pngjs";

const readPicture = jsqr.default ?? jsqr;

/** The text in the QR code of a screenshot, or null. */
export function scan(screenshot) {
  const picture = PNG.sync.read(screenshot);
  return readPicture(new Uint8ClampedArray(picture.data), picture.width, picture.height)?.data ?? null;
}

/** The fields of an EMVCo payload: two digits of id, two of length, the value. */
export function fields(payload) {
  const found = {};
  let at = 0;
  while (at < payload.length) {
    const head = /^(\d\d)(\d\d)/.exec(payload.slice(at));
    if (!head) throw new Error(`no field at ${at} of ${payload}`);
    const length = Number(head[2]);
    const value = payload.slice(at + 4, at + 4 + length);
    if (value.length !== length) throw new Error(`field ${head[1]} is cut off`);
    found[head[1]] = value;
    at += 4 + length;
  }
  return found;
}

/** CRC-16/CCITT-FALSE of text, as four hex digits: EMVCo QR, field 63. */
export function checksum(text) {
  let crc = 0xffff;
  for (const byte of Buffer.from(text, "utf8")) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1) & 0xffff;
  }
  return crc.toString(16).toUpperCase().padStart(4, "0");
}
