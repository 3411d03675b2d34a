// The page's texts, as the server put them into it, and numbers and times as its language has them.

const data = document.getElementById("words");
const texts = data ? JSON.parse(data.textContent) : {};

export const language = document.documentElement.lang;

/** The text `key` with `values` in its places. */
export function t(key, values = {}) {
  const text = texts[key];
  if (text === undefined) throw new Error(`no text ${key}`);
  return text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? values[name] : place));
}

/** Whether there is a text `key`. */
export const has = (key) => key in texts;

const number = new Intl.NumberFormat(language, { maximumFractionDigits: 2 });
export const inNumbers = (value) => number.format(value);

const moment = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "short" });
export const inMoment = (date) => moment.format(date);

const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
export const inDay = (date) => day.format(date);

/** What went wrong, in the page's language when its code is known there. */
export function inWords(error) {
  const key = `error.${error.code}`;
  return has(key) ? t(key) : error.detail || error.message;
}
