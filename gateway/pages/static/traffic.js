// Footfall as charts, and as tables for whoever does not see charts.

import { ask, path } from "./api.js";
import { may } from "./allowed.js";
import { element } from "./element.js";
import { drawChart } from "./chart.js";
import { Turns } from "./turns.js";
import { inNumbers, inWords, language, t } from "./words.js";

const DAY = 864e5;
const SPANS = {
  day: { by: "hour", days: 1, before: 7 },
  week: { by: "day", days: 7, before: 7 },
  month: { by: "day", days: 28, before: 28 },
  quarter: { by: "week", days: 84, before: 84 },
};

const get = (id) => document.getElementById(id);
const [form, store, date] = ["choice", "store", "date"].map(get);
const names = JSON.parse(get("stores").textContent);
const nameOf = (id) => names[id] ?? id;
const span = () => form.elements.span.value;
const zone = () => store.selectedOptions[0].dataset.zone || undefined;

// Dates are handled as UTC midnights: what a calendar says, without a zone.
const dayText = (day) => new Date(day).toISOString().slice(0, 10);
const today = () => new Intl.DateTimeFormat("sv-SE", { timeZone: zone() }).format(new Date());
const format = (options) => new Intl.DateTimeFormat(language, { timeZone: "UTC", ...options });
const inHours = format({ hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const inMoments = format({ weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
const inDays = format({ month: "short", day: "numeric" });
const inWeekdays = format({ weekday: "short", day: "numeric", month: "short" });
const calendar = (start) => new Date(start.length > 10 ? `${start}:00Z` : `${start}T00:00:00Z`);

const questions = new Turns();
/** A time on the store's clock: of today by the hour alone. */
function momentOf(shown) {
  const moment = new Date(`${shown}:00Z`);
  return SPANS[span()].by === "hour" ? inHours.format(moment) : inMoments.format(moment);
}

let redraw = () => {};
const TO_COME = "to come";

function labelOf(start) {
  const { by } = SPANS[span()];
  if (by === "hour") return inHours.format(calendar(start));
  return (span() === "week" ? inWeekdays : inDays).format(calendar(start));
}

/** The chosen days: `from` is the first, `to` the day after the last. */
function range() {
  const { days, by } = SPANS[span()];
  let to = calendar(date.value).getTime() + DAY;
  if (by === "week") to = calendar(date.value).getTime() + (8 - (calendar(date.value).getUTCDay() || 7)) * DAY;
  return { from: dayText(to - days * DAY), to: dayText(to) };
}

const earlierWords = () => t(`traffic.earlier.${span()}`);
const visitsBefore = () => t("traffic.pv.before", { earlier: earlierWords() });

const route = () => (store.value ? path("v1", "stores", store.value, "traffic") : path("v1", "traffic"));
const roamingRoute = (chosen) => `${path("v1", "traffic", "roaming")}?${new URLSearchParams(chosen)}`;
const query = (chosen) => new URLSearchParams({ ...chosen, by: SPANS[span()].by });

async function show() {
  const current = questions.begin();
  const chosen = range();
  get("report").setAttribute("aria-busy", "true");
  for (const label of document.querySelectorAll(".before-label")) label.textContent = visitsBefore();
  get("csv").href = `${route()}?${query(chosen)}&format=csv`;
  get("roaming-csv").href = `${roamingRoute(chosen)}&format=csv`;
  get("later").disabled = date.value >= today();
  remember();
  try {
    const [now, roaming] = await Promise.all([
      ask(`${route()}?${query(chosen)}&against=${SPANS[span()].before}`),
      may("GET /v1/traffic/roaming") ? ask(roamingRoute(chosen)) : { rows: [] },
    ]);
    if (!current()) return;
    get("failure").replaceChildren();
    showFigures(now);
    showEstimate(now);
    showChart(now);
    showRows(now);
    showMatrix(roaming.rows);
    get("news").textContent = t("traffic.news", { pv: inNumbers(now.pv), uv: inNumbers(now.uv) });
  } catch (error) {
    if (!current()) return;
    get("failure").replaceChildren(failure(error));
  }
  get("report").setAttribute("aria-busy", "false");
}

function failure(error) {
  const again = element("button", { type: "button" }, t("error.retry"));
  again.addEventListener("click", show);
  return element("div", { class: "notice bad", role: "alert" },
    element("div", {}, element("strong", {}, t("error.title")), element("p", {}, inWords(error))), again);
}

function showFigures(now) {
  const { earlier: before } = now;
  const compared = (key) => change(now[key], before[key], now.so_far);
  get("so-far").hidden = !now.so_far;
  get("so-far").textContent = now.counted_until === null ? t("traffic.so_far") : t("traffic.so_far.until", { time: momentOf(now.counted_until) });
  const share = (part) => (now.pv ? t("traffic.share", { percent: inNumbers(Math.round((part / now.pv) * 100)) }) : "");
  const figures = [
    ["pv", inNumbers(now.pv), compared("pv")],
    ["uv", inNumbers(now.uv), compared("uv")],
    ["new", inNumbers(now.new), share(now.new)],
    ["returning", inNumbers(now.returning), share(now.returning)],
    ["roaming", inNumbers(now.roaming), share(now.roaming)],
    ["members", inNumbers(now.members), share(now.members)],
    ["dwell", dwell(now.dwell_s), before.dwell_s === null ? "" : t("traffic.before", { value: dwell(before.dwell_s) })],
  ];
  get("figures").replaceChildren(...figures.map(([key, value, more]) =>
    element("div", { class: "card figure" },
      element("dt", { title: t(`traffic.${key}.hint`) }, t(`traffic.${key}`)),
      element("dd", {}, value),
      element("dd", { class: "muted" }, more || "\u00a0"))));
}

/** How many people it really were, in a sentence; nothing where nobody came, or none can tell. */
function showEstimate({ pv, uv_estimate: estimate }) {
  get("estimate").hidden = !pv || estimate === null;
  if (estimate === null) return;
  const { value, low, high } = estimate;
  const [about, least, most] = [value, low, high].map(inNumbers);
  get("estimate").textContent = low === high ? t("traffic.estimate.sure", { value: about })
    : t("traffic.estimate", { value: about, low: least, high: most });
}

function change(now, before, soFar) {
  if (!before) return t("traffic.before", { value: inNumbers(before) });
  const percent = Math.round(((now - before) / before) * 100);
  const sign = percent > 0 ? "+" : percent < 0 ? "−" : "±";
  const kind = percent > 0 ? "up" : percent < 0 ? "down" : "";
  return element("span", {},
    element("span", { class: `change ${kind}` }, `${sign}${inNumbers(Math.abs(percent))} %`), ` ${t(soFar ? "traffic.against.so_far" : "traffic.against", { earlier: earlierWords() })}`);
}

function dwell(seconds) {
  if (seconds === null) return "–";
  return seconds < 90 ? t("traffic.seconds", { seconds: inNumbers(Math.round(seconds)) })
    : t("traffic.minutes", { minutes: inNumbers(Math.round(seconds / 60)) });
}

/** What a row counts, or nothing when it has not begun. */
const been = (row, key) => (row.state === TO_COME ? null : row[key]);

/** A limit of a row's estimated visitors, or nothing when it has not begun. */
const limit = (row, name) => (row.state === TO_COME || row.uv_estimate === null ? null : row.uv_estimate[name]);

/** Where a row stands, and that it is not over when it is not. */
const placeOf = (row) => (row.state === "so far" ? t("traffic.row.so_far", { start: labelOf(row.start) }) : labelOf(row.start));

function showChart(now) {
  const { rows: before } = now.earlier;
  const empty = !now.pv && !before.some((row) => row.pv);
  get("no-visits").hidden = !empty;
  get("chart").hidden = empty;
  redraw = () => {
    if (empty) return;
    drawChart(get("chart"), {
      labels: now.rows.map((row) => labelOf(row.start)),
      titles: now.rows.map(placeOf),
      series: [
        { name: t("traffic.pv"), values: now.rows.map((row) => been(row, "pv")), kind: "bars", colour: "--accent" },
        { name: t("traffic.uv"), values: now.rows.map((row) => been(row, "uv")), kind: "line", colour: "--roaming" },
        { name: visitsBefore(), values: before.map((row) => row.pv), kind: "dashes", colour: "--muted" },
      ],
      band: {
        name: t("traffic.uv.estimate"),
        low: now.rows.map((row) => limit(row, "low")),
        high: now.rows.map((row) => limit(row, "high")),
        colour: "--roaming",
      },
    });
  };
  redraw();
}

function showRows(now) {
  const cell = (value) => element("td", { class: "number" }, value === null ? "–" : inNumbers(value));
  const between = (row) => {
    const limits = [...new Set([limit(row, "low"), limit(row, "high")])];
    return element("td", { class: "number" }, limits.includes(null) ? "–" : limits.map(inNumbers).join("–"));
  };
  get("rows").replaceChildren(...now.rows.map((row, place) => element("tr", {},
    element("th", { scope: "row" }, placeOf(row)),
    cell(been(row, "pv")), cell(been(row, "uv")), between(row), cell(now.earlier.rows[place].pv),
    ...["new", "returning", "roaming", "members"].map((key) => cell(been(row, key))),
    element("td", { class: "number" }, dwell(been(row, "dwell_s"))))));
}

/** Stores visited as rows, stores that the visitors are at home in as columns. */
function showMatrix(rows) {
  if (!rows.length) {
    get("matrix").replaceChildren(element("p", { class: "empty" }, t("traffic.matrix.empty")));
    return;
  }
  const order = [...new Set([...Object.keys(names), ...rows.flatMap((row) => [row.store, row.home_store])])];
  const visited = order.filter((id) => rows.some((row) => row.store === id));
  const homes = order.filter((id) => rows.some((row) => row.home_store === id));
  const most = Math.max(...rows.map((row) => row.visits));
  const cell = (at, from) => {
    const found = rows.find((row) => row.store === at && row.home_store === from);
    if (!found) return element("td", { class: "number muted" }, at === from ? "" : "–");
    const heat = Math.ceil((found.visits / most) * 4);
    return element("td", { class: `number heat heat-${heat}` }, inNumbers(found.visits),
      element("span", { class: "small" }, t("traffic.matrix.visitors", { visitors: inNumbers(found.visitors) })));
  };
  const table = element("table", { class: "plain matrix" },
    element("thead", {}, element("tr", {},
      element("th", { scope: "col" }, t("traffic.matrix.corner")),
      ...homes.map((id) => element("th", { scope: "col", class: "number" }, nameOf(id))))),
    element("tbody", {}, ...visited.map((at) => element("tr", {},
      element("th", { scope: "row" }, nameOf(at)), ...homes.map((from) => cell(at, from))))));
  get("matrix").replaceChildren(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-labelledby": "roaming-title" }, table));
}

/** Keep the choice in the address, so that it can be shared and survives a reload. */
function remember() {
  const chosen = new URLSearchParams({ span: span() });
  if (store.value) chosen.set("store", store.value);
  if (date.value !== today()) chosen.set("date", date.value);
  history.replaceState(null, "", `?${chosen}`);
}

function recall() {
  const chosen = new URLSearchParams(location.search);
  if (chosen.get("store") in names) store.value = chosen.get("store");
  if (chosen.get("span") in SPANS) form.elements.span.value = chosen.get("span");
  const day = chosen.get("date");
  date.value = /^\d{4}-\d\d-\d\d$/.test(day) && !isNaN(calendar(day)) ? day : today();
}

const move = (spans) => {
  const moved = dayText(calendar(date.value).getTime() + spans * SPANS[span()].days * DAY);
  date.value = moved > today() ? today() : moved;
  show();
};
get("earlier").addEventListener("click", () => move(-1));
get("later").addEventListener("click", () => move(1));
form.addEventListener("change", () => {
  if (!date.value || date.value > today()) date.value = today();
  show();
});
form.addEventListener("submit", (event) => event.preventDefault());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => redraw());
new ResizeObserver(() => redraw()).observe(get("chart"));

recall();
show();
