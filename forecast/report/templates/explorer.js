"use strict";
// The explorer: the futures of the report, packed into the page, with the levers of forecast/levers moved by the reader.
// Arithmetic first (each function names what it mirrors), then words, drawing and controls. No request is made.
(() => {
const $ = (id) => document.getElementById(id);
const panel = $("explorer-panel");
const data = JSON.parse($("explorer-data").textContent);
const TINY = 1e-12; // forecast/levers/lever.py, SMALLEST_SHARE
const log10Share = (x) => Math.log10(Math.max(x, TINY));

// --- the normal distribution

function normalCdf(x) { // complementary error function by a Chebyshev fit, relative error below 1.2e-7
  const z = Math.abs(x) / Math.SQRT2, t = 1 / (1 + 0.5 * z);
  const c = [-1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587,
    -0.82215223, 0.17087277];
  const tail = 0.5 * t * Math.exp(-z * z + c.reduceRight((sum, each) => sum * t + each, 0));
  return x < 0 ? tail : 1 - tail;
}

function normalQuantile(p) { // Acklam's rational approximation, relative error below 1.2e-9
  const a = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.357751867269, -30.66479806614716,
    2.506628277459239];
  const b = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
  const c = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968,
    2.938163982698783];
  const d = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];
  const at = (coefficients, x) => coefficients.reduce((sum, each) => sum * x + each, 0);
  if (p < 0.02425) { const q = Math.sqrt(-2 * Math.log(p)); return at(c, q) / at(d, q); }
  if (p > 1 - 0.02425) return -normalQuantile(1 - p);
  const q = p - 0.5, r = q * q;
  return q * at(a, r) / at(b, r);
}

function boundedQuantile(setting, median) { // forecast/distributions.py, LogNormal.quantile
  const [sdLow, sdHigh] = setting.sd, [lower, upper] = setting.bounds;
  const cdf = (x) => { const y = Math.log10(x / median); return normalCdf(y / (y < 0 ? sdLow : sdHigh)); };
  const low = lower > 0 ? cdf(lower) : 0, high = upper === null ? 1 : cdf(upper);
  return (p) => {
    const z = normalQuantile(low + p * (high - low));
    const x = median * 10 ** (z * (z < 0 ? sdLow : sdHigh));
    return Math.min(Math.max(x, lower), upper === null ? Infinity : upper);
  };
}

// --- unpacking, as forecast/report/explorer.py packs

async function inflate(text) {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function pairs(bytes, at, count) { // low bytes of all numbers, then the high ones
  const values = new Uint16Array(count);
  for (let i = 0; i < count; i++) values[i] = bytes[at + i] | (bytes[at + count + i] << 8);
  return values;
}

function unpackPaths(bytes, where, knots) {
  const n = data.draws, values = pairs(bytes, where.at, knots * n), rows = [];
  const level = new Float64Array(n);
  for (let k = 0; k < knots; k++) {
    const row = new Float32Array(n);
    for (let d = 0; d < n; d++) {
      const v = values[k * n + d];
      level[d] += k === 0 ? v + where.low : v & 1 ? -(v + 1) / 2 : v / 2;
      row[d] = level[d] * data.step;
    }
    rows.push(row);
  }
  return rows;
}

function alongYears(rows, from, to) { // straight lines in log10
  return to.map((year) => {
    let right = from.findIndex((knot) => knot >= year);
    if (from[right] === year) return rows[right];
    const part = (year - from[right - 1]) / (from[right] - from[right - 1]);
    return rows[right].map((value, d) => rows[right - 1][d] + part * (value - rows[right - 1][d]));
  });
}

// --- the levers: every future's settings, then its two paths, then the year in which they meet

let unpacked; // {frontier, stock, ranks(at), numbers(at)}
const kept = new Map();

function draws(lever, key, state) { // one number per future
  const name = `${lever}.${key}`, setting = data.settings[lever][key];
  const median = name in state.values ? state.values[name] : setting.median;
  const narrow = state.narrow && name in data.rest;
  const tag = `${median},${narrow}`, before = kept.get(name);
  if (before && before.tag === tag) return before.values;
  let values;
  if (setting.draws !== undefined) { // outcomes of the collapse laboratory: shifted, not stretched, as some are negative
    const shift = setting.median === undefined ? 0 : median - setting.median;
    values = narrow ? new Float64Array(data.draws).fill(median)
      : Float64Array.from(unpacked.numbers(setting.draws), (x) => x + shift);
  } else if (setting.sd === undefined || median <= 0) values = new Float64Array(data.draws).fill(median);
  else {
    const quantile = boundedQuantile(setting, median);
    values = narrow ? new Float64Array(data.draws).fill(quantile(0.5))
      : Float64Array.from(unpacked.ranks(setting.ranks), (rank) => quantile((rank + 0.5) / 65536));
  }
  kept.set(name, { tag, values });
  return values;
}

const ramp = (start, length, year) => { // forecast/levers/lever.py, ramp
  const since = year - start;
  return length > 0 ? Math.min(Math.max(since / length, 0), 1) : since > 0 ? 1 : 0;
};

function access(state) { // forecast/scenarios/levers/access.py
  if (!data.settings.access) return null;
  const get = (key) => draws("access", key, state), has = (key) => data.settings.access[key] !== undefined;
  const now = get("restricted_share_now"), followedNow = get("compliance_now"),
    followed = get("compliance_2030"), terms = get("terms_share"), termsFollowed = get("terms_compliance_2030"),
    licensed = get("licensed_share_2030");
  const grown = has("restricted_growth_2030") ? get("restricted_growth_2030") : null;
  const later = grown ? now : get("restricted_share_2030");
  const refused = has("network_share") ? get("network_share") : null;
  const { instants, early, since: from, until, networkSince, halfLife } = data.access;
  const slowed = (year) => -Math.expm1(-Math.LN2 * Math.max(year - from, 0) / halfLife);
  return (year) => {
    const since = Math.min(Math.max((year - from) / (until - from), 0), 1), faded = slowed(year) / slowed(until);
    const weight = instants.map((at, i) => {
      if (year <= instants[0]) return i === 0 ? 1 : 0;
      if (year >= instants[instants.length - 1]) return i === instants.length - 1 ? 1 : 0;
      if (i > 0 && year >= instants[i - 1] && year <= at) return (year - instants[i - 1]) / (at - instants[i - 1]);
      if (i < instants.length - 1 && year >= at && year <= instants[i + 1])
        return (instants[i + 1] - year) / (instants[i + 1] - at);
      return 0;
    });
    const past = early.reduce((sum, share, i) => sum + share * weight[i], 0);
    return (d) => {
      const odds = grown && year > from ? grown[d] ** faded * now[d] : null;
      const robots = odds !== null ? odds / (1 - now[d] + odds)
        : (now[d] > 0 ? past : 0) + now[d] * weight[3] + later[d] * weight[4];
      const heeded = followedNow[d] * (1 - since) + followed[d] * since;
      const network = refused && year >= networkSince ? refused[d] : 0;
      const closed = 1 - (1 - robots * heeded) * (1 - network) * (1 - terms[d] * termsFollowed[d] * since);
      return log10Share(1 - (1 - licensed[d] * since) * closed);
    };
  };
}

function quality(state) { // forecast/levers/quality.py
  if (!data.settings.quality) return null;
  const get = (key) => draws("quality", key, state);
  const share = get("usable_share").map(log10Share), loosening = get("loosening").map(Math.log10);
  const start = get("start"), length = get("ramp_years");
  return (year) => (d) => Math.min(share[d] + loosening[d] * ramp(start[d], length[d], year), 0);
}

const laws = [ // forecast/core/repetition.py, in the order of LAWS
  ["r_star", (e, scale) => 1 - scale * Math.expm1(-(e - 1) / scale)],
  ["tau", (e, scale) => 1 - Math.expm1(-(e - 1) / scale) / Math.expm1(1 / scale)],
  ["turning_point", (e, scale) => (e ** -data.exponent + data.exponent * scale ** (-data.exponent - 1) * (e - 1)) ** (-1 / data.exponent)],
];

function repetition(state) { // forecast/levers/repetition.py
  const settings = data.settings.repetition;
  if (!settings) return null;
  let passes;
  if (settings.passes) passes = draws("repetition", "passes", state);
  else {
    const law = draws("repetition", "law", state);
    const scales = laws.map(([key]) => settings[key] ? draws("repetition", key, state) : []);
    const worth = (e, d) => laws[law[d]][1](e, scales[law[d]][d]);
    const run = settings.run_epochs ? draws("repetition", "run_epochs", state) : new Float64Array(data.draws).fill(1);
    passes = draws("repetition", "epochs", state).map((e, d) => worth(e, d) * run[d] / worth(run[d], d));
  }
  const factor = passes.map(log10Share);
  return () => (d) => factor[d];
}

function synthetic(state) { // forecast/levers/synthetic.py
  if (!data.settings.synthetic) return null;
  const get = (key) => draws("synthetic", key, state);
  const share = get("share"), replaced = get("replaced")[0];
  if (!share[0] && !replaced) return null;
  const worth = get("yield"), saturation = get("saturation"), power = get("saturation_exponent");
  const start = get("start"), length = get("ramp_years");
  return (year) => (d, path) => {
    const human = 10 ** path, risen = ramp(start[d], length[d], year);
    const corpus = human * risen * (replaced ? 1 : share[d] / Math.max(1 - share[d], 1e-9));
    const larger = Math.max(human / data.sourceCorpus, 1) ** power[d];
    const damping = worth[d] > 0 ? 1 + corpus / (saturation[d] * larger) : 1;
    return log10Share(1 + (worth[d] * corpus / damping - human * replaced * risen) / human);
  };
}

function added() { // levers that add an amount of their own: private text, other media
  return data.added.map((each) => {
    const amount = unpacked.numbers(each.amount), start = unpacked.numbers(each.start);
    const length = unpacked.numbers(each.ramp);
    return (year) => (d, path) => log10Share(1 + amount[d] * ramp(start[d], length[d], year) * 10 ** -path);
  });
}

function overtraining(state) { // forecast/levers/overtraining.py
  if (!data.settings.overtraining) return null;
  const ratio = draws("overtraining", "ratio", state).map((x) => 0.5 * Math.log10(x));
  const start = draws("overtraining", "start", state), length = draws("overtraining", "ramp_years", state);
  return (year) => (d) => ratio[d] * ramp(start[d], length[d], year);
}

function efficiency(state) { // forecast/levers/data_efficiency.py
  if (!data.settings.data_efficiency) return null;
  const gain = draws("data_efficiency", "gain_per_year", state).map(Math.log10);
  const limit = draws("data_efficiency", "limit", state).map(Math.log10);
  const start = draws("data_efficiency", "start", state);
  return (year) => (d) => -Math.min(gain[d] * Math.max(year - start[d], 0), limit[d]);
}

function crossings(state) { // forecast/exhaustion.py, first passage
  const onStock = [access(state), quality(state), repetition(state), synthetic(state), ...added()].filter(Boolean);
  const onFrontier = [overtraining(state), efficiency(state)].filter(Boolean);
  const found = new Float64Array(data.draws).fill(Infinity), gapBefore = new Float64Array(data.draws);
  let undecided = Array.from(found.keys());
  data.years.forEach((year, k) => {
    const stockLevers = onStock.map((lever) => lever(year)), frontierLevers = onFrontier.map((lever) => lever(year));
    undecided = undecided.filter((d) => {
      let stock = unpacked.stock[k][d], frontier = unpacked.frontier[k][d];
      for (const lever of stockLevers) stock += lever(d, stock);
      for (const lever of frontierLevers) frontier += lever(d, frontier);
      const gap = frontier - stock, before = gapBefore[d];
      gapBefore[d] = gap;
      if (gap < 0) return true;
      const last = data.years[k - 1];
      found[d] = k === 0 ? year : last + (-before / (gap - before)) * (year - last);
      return false;
    });
  });
  return found;
}

function answer(state) { // each member's futures share its weight
  const years = crossings(state), weight = new Float64Array(data.draws);
  let from = 0;
  data.members.forEach((member, i) => { weight.fill(state.weights[i] / member.draws, from, from += member.draws); });
  const order = Array.from(years.keys()).sort((a, b) => (years[a] < years[b] ? -1 : years[a] > years[b] ? 1 : 0));
  let sum = 0;
  const total = state.weights.reduce((a, b) => a + b, 0), sorted = order.map((d) => years[d]);
  const cumulated = order.map((d) => (sum += weight[d]) / total);
  const probability = (before) => { // of a year below an instant
    let low = 0, high = sorted.length;
    while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] < before) low = middle + 1; else high = middle; }
    return low ? cumulated[low - 1] : 0;
  };
  const quantile = (p) => { const at = cumulated.findIndex((share) => share >= p - 1e-9); return sorted[at]; };
  return { probability, quantile, by: (year) => probability(year + 1) };
}

// --- words, as forecast/runs/sentence.py has them

const percent = (share) => share < 0.01 ? "less than 1 %" : share > 0.99 ? "more than 99 %" : `${roundHalfEven(100 * share)} %`;
const roundHalfEven = (x) => { const low = Math.floor(x); return x - low === 0.5 ? low + (low % 2) : Math.round(x); };
const yearWords = (year) => year >= 2051 ? "after 2050" : String(Math.floor(year));
// forecast/core/wording.py: odds, odds_told, percent_words, year_phrase
const odds = (share) => data.words.odds.reduce((a, b) => (Math.abs(b.share - share) < Math.abs(a.share - share) ? b : a));
const stepOf = (error) => error <= 0.005 ? 1 : error <= 0.025 ? 5 : 10;
const oddsTold = (share, error) =>
  odds(stepOf(error) === 1 ? share : stepOf(error) * roundHalfEven(100 * share / stepOf(error)) / 100);
const percentWords = (share, error) => {
  const step = stepOf(error), points = step * roundHalfEven(100 * share / step);
  if (share < 0.01 || points === 0) return `less than ${step}%`;
  if (share > 0.99 || points === 100) return `more than ${100 - step}%`;
  return step === 1 ? `${points}%` : `about ${points}%`;
};
const yearPhrase = (year) => year >= 2051 ? "after 2050"
  : `${["early ", "mid-", "late "][Math.min(Math.floor(3 * (year - Math.floor(year))), 2)]}${Math.floor(year)}`;
const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const short = (x, digits = 2) => String(Number(x.toPrecision(digits)));
const forms = {
  percent: (x) => `${short(100 * x)} %`,
  times: (x) => `${short(x)} times`,
  factor: (x) => `${short(x, 3)} times a year`,
  worth: (x) => short(x),
};

function shown(slider, value) { // the median as the bounds leave it, which is what the report prints
  const [lever, key] = slider.name.split(".");
  const setting = data.settings[lever][key];
  return forms[slider.form](setting.sd && value > 0 ? boundedQuantile(setting, value)(0.5) : value);
}

function changes(state) {
  const moved = data.sliders.filter((s) => state.values[s.name] !== data.rest[s.name])
    .map((s) => `${s.label.toLowerCase()} ${shown(s, state.values[s.name])}`);
  if (state.weights.some((w) => w !== state.weights[0])) moved.push("other weights of the growth models");
  if (state.narrow) moved.push("levers without spread");
  return moved;
}

function sentence(result, moved) {
  // The packed futures are rounded: where a year is next to a border, the report's own words hold.
  if (!moved.length) return data.sentence;
  const share = result.by(data.headlineYear), words = data.words, error = Math.sqrt(share * (1 - share) / data.draws);
  const [low, middle, high] = [0.1, 0.5, 0.9].map((p) => yearPhrase(result.quantile(p)));
  const form = low.startsWith("after") ? "beyond" : high.startsWith("after") ? "open" : low === high ? "within" : "between";
  return filled(words.pattern, {
    scenario: `${words.scenario}, changed by a reader (${moved.join(", ")})`,
    odds: oddsTold(share, error).lead,
    percent: percentWords(share, error),
    centre: middle,
    event: words.need + (moved.some((change) => change.startsWith("repetition ")) ? "" : words.repeated),
    range: filled(words.ranges[form], { low, high }),
    already: odds(result.probability(words.asOf)).crowd,
    never: odds(1 - result.probability(data.horizon + 1)).crowd.replace(/^about /, ""),
  });
}

// --- drawing

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) made.textContent = text;
  return made;
}

function draw(now, rest, moved) {
  const svg = $("explorer-chart"), width = Math.max(svg.parentNode.clientWidth, 280), height = 290;
  const first = Math.floor(data.words.asOf), last = 2051, left = 52, right = 14, top = 16, bottom = 34;
  const x = (year) => left + (year - first) / (last - first) * (width - left - right);
  const y = (share) => height - bottom - share * (height - top - bottom);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  const parts = [];
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(element("line", { class: "grid", x1: left, x2: width - right, y1: y(share), y2: y(share) }));
    parts.push(element("text", { x: left - 6, y: y(share) + 4, "text-anchor": "end" }, `${100 * share} %`));
  }
  // A share "by the end of 2030" is drawn where 2031 begins.
  for (let year = Math.ceil(first / 5) * 5; year < last; year += width < 420 ? 10 : 5)
    parts.push(element("text", { x: Math.min(x(year + 1), width - right), y: height - 14,
      "text-anchor": year + 1 < last ? "middle" : "end" }, `end of ${year}`));
  const curve = (result) => {
    const points = [];
    for (let year = first; year <= last; year += 0.25) points.push(`${x(year).toFixed(1)},${y(result.probability(year)).toFixed(1)}`);
    return points.join(" ");
  };
  const label = (result, words, kind, below) => {
    const at = Math.min(Math.max(result.quantile(0.5), first + 1), 2046);
    const share = result.probability(at);
    const height_ = below ? y(Math.max(share - 0.2, 0.06)) : y(Math.min(share + 0.2, 0.97));
    const from = below ? Math.min(x(at) + 12, width - 120) : x(at) - 4;
    const end = !below && x(at) - left > 110;
    parts.push(element("text", { class: `label ${kind}`, x: end ? from - 6 : Math.max(from, left + 6), y: height_,
      "text-anchor": end ? "end" : "start" }, words));
  };
  const later = now.quantile(0.5) >= rest.quantile(0.5);
  if (moved) {
    parts.push(element("polyline", { class: "rest", points: curve(rest) }));
    label(rest, "the report", "rest", !later);
  }
  parts.push(element("polyline", { class: "now", points: curve(now) }));
  label(now, moved ? "your setting" : "the report", "now", later);
  const middle = now.quantile(0.5);
  if (middle < last) parts.push(element("circle", { class: "now", cx: x(middle), cy: y(0.5), r: 4.5 }));
  svg.replaceChildren(...parts);
  svg.setAttribute("aria-label", `Line chart of the probability by year, from ${first} to 2050. ${$("explorer-sentence").textContent}`);
}

// --- the page: sliders, address, reset

const STEPS = 200; // positions of a slider
const toPosition = (s, value) => Math.round(STEPS * (s.scale === "log"
  ? Math.log(value / s.low) / Math.log(s.high / s.low) : (value - s.low) / (s.high - s.low)));
const fromPosition = (s, position) => { // at rest exactly the report's value, elsewhere what the address can keep
  if (position === toPosition(s, data.rest[s.name])) return data.rest[s.name];
  const part = position / STEPS;
  return Number((s.scale === "log" ? s.low * (s.high / s.low) ** part : s.low + (s.high - s.low) * part).toPrecision(4));
};
const atRest = () => ({ values: { ...data.rest }, weights: data.members.map(() => 1), narrow: false });
let state = atRest(), reported, announced, waiting;

function fromAddress() {
  let hash;
  try { hash = decodeURIComponent(location.hash.slice(1)); } catch { return null; } // an address of somebody else's making
  const [place, ...parts] = hash.split("&");
  if (place !== "explorer") return null;
  const read = atRest();
  for (const part of parts) {
    const [name, text] = part.split("="), slider = data.sliders.find((s) => s.name === name), value = Number(text);
    if (slider && Number.isFinite(value)) read.values[name] = Math.min(Math.max(value, slider.low), slider.high);
    if (name === "spread" && text === "none") read.narrow = true;
    if (name === "weights") {
      const weights = String(text).split(",").map(Number);
      const good = weights.length === data.members.length && weights.every((w) => w >= 0 && w <= 100);
      if (good && weights.some((w) => w > 0)) read.weights = weights;
    }
  }
  return read;
}

function toAddress() {
  const parts = data.sliders.filter((s) => state.values[s.name] !== data.rest[s.name]).map((s) => `${s.name}=${state.values[s.name]}`);
  if (state.weights.some((w) => w !== 1)) parts.push(`weights=${state.weights.join(",")}`);
  if (state.narrow) parts.push("spread=none");
  const before = location.hash.startsWith("#explorer") || parts.length;
  if (before) history.replaceState(null, "", `#${["explorer", ...parts].join("&")}`);
}

function refresh() {
  for (const s of data.sliders) {
    const input = $(`explorer-${s.name}`), words = shown(s, state.values[s.name]);
    input.value = toPosition(s, state.values[s.name]);
    input.setAttribute("aria-valuetext", words);
    $(`explorer-${s.name}-value`).textContent = words;
  }
  const total = state.weights.reduce((a, b) => a + b, 0);
  data.members.forEach((member, i) => {
    const words = `${Math.round(100 * state.weights[i] / total)} %`;
    $(`explorer-weight-${i}`).value = state.weights[i];
    $(`explorer-weight-${i}`).setAttribute("aria-valuetext", words);
    $(`explorer-weight-${i}-value`).textContent = words;
  });
  $("explorer-spread").checked = state.narrow;
  const now = answer(state), moved = changes(state);
  $("explorer-sentence").textContent = sentence(now, moved);
  $("explorer-whose").textContent = moved.length ? "Your setting, not the report's forecast:" : "The report's own setting:";
  $("explorer-reset").disabled = !moved.length && state.weights.every((w) => w === 1);
  data.tableYears.forEach((year) => { $(`explorer-by-${year}`).textContent = percent(now.by(year)); });
  draw(now, reported, moved.length > 0);
  panel.dataset.median = now.quantile(0.5);
  panel.dataset.low = now.quantile(0.1);
  panel.dataset.high = now.quantile(0.9);
  panel.dataset.by = now.by(data.headlineYear);
  clearTimeout(waiting); // read aloud once the slider stops
  waiting = setTimeout(() => {
    const words = `Median ${yearWords(now.quantile(0.5))}, ${percent(now.by(data.headlineYear))} by the end of ${data.headlineYear}.`;
    if (announced !== undefined && announced !== words) $("explorer-live").textContent = words;
    announced = words;
  }, 600);
}

function listen() {
  for (const s of data.sliders)
    $(`explorer-${s.name}`).addEventListener("input", (event) => {
      state.values[s.name] = fromPosition(s, Number(event.target.value));
      toAddress(); refresh();
    });
  data.members.forEach((member, i) => $(`explorer-weight-${i}`).addEventListener("input", (event) => {
    const weights = state.weights.map((w, j) => (j === i ? Number(event.target.value) : w));
    if (weights.some((w) => w > 0)) state.weights = weights; // a mixture of nobody has no answer
    toAddress(); refresh();
  }));
  $("explorer-spread").addEventListener("change", (event) => { state.narrow = event.target.checked; toAddress(); refresh(); });
  $("explorer-reset").addEventListener("click", () => { state = atRest(); toAddress(); refresh(); $("explorer-sentence").focus(); });
  window.addEventListener("hashchange", () => { const read = fromAddress(); if (read) { state = read; refresh(); } });
  let width = 0;
  new ResizeObserver(() => { if (panel.clientWidth !== width) { width = panel.clientWidth; refresh(); } }).observe(panel);
}

async function begin() {
  const bytes = await inflate(data.packed);
  const stock = unpackPaths(bytes, data.stock, data.stockYears.length);
  unpacked = {
    frontier: unpackPaths(bytes, data.frontier, data.years.length),
    stock: alongYears(stock, data.stockYears, data.years),
    ranks: (at) => pairs(bytes, at, data.draws),
    numbers: (at) => new Float32Array(bytes.slice(at, at + 4 * data.draws).buffer),
  };
  reported = answer(state);
  const read = fromAddress();
  if (read) state = read;
  panel.hidden = false;
  listen();
  refresh();
  if (read) $("explorer").scrollIntoView();
  panel.dataset.state = "ready";
}

begin().catch((error) => {
  $("explorer-absent").hidden = false;
  $("explorer-absent").textContent = `This browser cannot run the explorer (${error.message}). All else on the page is complete without it.`;
});
})();
