// One chart of bars and lines over named places, drawn by uPlot in the page's colours.

import { element } from "./element.js";
import { inNumbers } from "./words.js";

const HEIGHT = 300;
const VEIL = "8c"; // bars let the lines before them be seen
const HAZE = "2e"; // a band is seen, and nothing is hidden by it
const EDGE = { width: 0, points: { show: false } };
const FEW = 14; // so many places leave room for points on the line

/**
 * Draw `series` of { name, values, kind: bars | line | dashes, colour } over `labels` in `box`, and
 * behind them a band { name, low, high, colour } between two lines of values.
 * A value that is null is not drawn; `titles` say at the pointer what each place is.
 */
export function drawChart(box, { labels, titles, series, band }) {
  const { paddingLeft, paddingRight } = getComputedStyle(box);
  const width = box.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  if (width <= 0 || (box.drawn?.width === width && box.drawn.series === series)) return;
  box.drawn?.chart.destroy();
  const style = getComputedStyle(document.documentElement);
  const colour = (name) => style.getPropertyValue(name).trim();
  const font = "13px " + getComputedStyle(document.body).fontFamily;
  const axis = { stroke: colour("--muted"), font, ticks: { show: false } };
  const tip = element("div", { class: "tip", hidden: true });
  const chart = new uPlot({
    width,
    height: HEIGHT,
    padding: [12, 8, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { setScale: false }, points: { show: false } },
    scales: {
      x: { time: false, range: [-0.5, labels.length - 0.5] },
      y: { range: (_, low, high) => [0, Math.max(4, high * 1.08)] },
    },
    axes: [
      { ...axis, grid: { show: false }, splits: () => places(labels, width), values: (_, splits) => splits.map((place) => labels[place]) },
      { ...axis, grid: { stroke: colour("--line"), width: 1 }, size: 52, values: (_, splits) => splits.map((value) => (Number.isInteger(value) ? inNumbers(value) : "")) },
    ],
    bands: [{ series: [1, 2], fill: colour(band.colour) + HAZE }],
    series: [{}, ...[band.high, band.low].map(() => EDGE), ...series.map((one) => lines(one, colour, labels.length))],
    hooks: { setCursor: [(self) => point(self, tip, titles, series, band)] },
  }, [labels.map((_, place) => place), band.high, band.low, ...series.map(({ values }) => values)], box);
  chart.over.append(tip);
  box.drawn = { chart, width, series };
}

function lines({ kind, colour: name }, colour, count) {
  const stroke = colour(name);
  if (kind === "bars") {
    return { fill: stroke + VEIL, width: 0, paths: uPlot.paths.bars({ size: [0.62, 44], radius: 0.18 }), points: { show: false } };
  }
  return {
    stroke,
    width: 2.5,
    dash: kind === "dashes" ? [5, 5] : [],
    points: { show: kind === "line" && count <= FEW, size: 7, fill: stroke, stroke: colour("--surface"), width: 1.5 },
  };
}

/** The places whose labels have room. */
function places(labels, width) {
  const longest = Math.max(...labels.map((label) => label.length));
  const step = Math.max(1, Math.ceil((labels.length * (longest * 7.5 + 22)) / (width - 60)));
  return labels.map((_, place) => place).filter((place) => place % step === 0);
}

function point(chart, tip, titles, series, band) {
  const { idx: place, left } = chart.cursor;
  tip.hidden = place === null || place === undefined || left < 0;
  if (tip.hidden) return;
  const shown = (name, ...values) => element("span", {}, `${name}: ${values.includes(null) ? "–" : [...new Set(values)].map(inNumbers).join("–")}`);
  tip.replaceChildren(element("strong", {}, titles[place]),
    ...series.map(({ name, values }) => shown(name, values[place])),
    shown(band.name, band.low[place], band.high[place]));
  const middle = chart.valToPos(place, "x");
  const right = middle > chart.over.clientWidth / 2;
  tip.style.left = right ? "auto" : `${middle + 14}px`;
  tip.style.right = right ? `${chart.over.clientWidth - middle + 14}px` : "auto";
}
