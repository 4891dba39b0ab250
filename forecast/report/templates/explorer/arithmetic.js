// The futures of the report, packed into the page, with its levers moved by the reader. What a lever does comes with the data,
// as Python has written it down (forecast/report/explorer_formulas.py). No request is made.
const $ = (id) => document.getElementById(id);
const panel = $("explorer-panel");
const data = JSON.parse($("explorer-data").textContent);

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

function boundedQuantile(setting, median) { // forecast/core/distributions.py, LogNormal.quantile
  const [sdLow, sdHigh] = setting.sd, [lower, upper] = setting.bounds;
  const cdf = (x) => { const y = Math.log10(x / median); return normalCdf(y / (y < 0 ? sdLow : sdHigh)); };
  const low = lower > 0 ? cdf(lower) : 0, high = upper === null ? 1 : cdf(upper);
  return (p) => {
    const z = normalQuantile(low + p * (high - low));
    const x = median * 10 ** (z * (z < 0 ? sdLow : sdHigh));
    return Math.min(Math.max(x, lower), upper === null ? Infinity : upper);
  };
}

// --- unpacking, as forecast/report/explorer_packing.py packs

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
  const level = new Float64Array(n), pace = new Float64Array(n);
  for (let k = 0; k < knots; k++) {
    const row = new Float32Array(n);
    for (let d = 0; d < n; d++) {
      const v = values[k * n + d], change = v & 1 ? -(v + 1) / 2 : v / 2;
      pace[d] = where.smooth ? pace[d] + change : change;
      level[d] = k === 0 ? v + where.low : level[d] + pace[d];
      if (k === 0) pace[d] = 0;
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

// --- every future's settings, then its two paths, then the year in which they meet

let unpacked; // {frontier, demand, places, stocks, ranks(at), numbers(at)}
const kept = new Map();
const settingsOf = (state) => data.scenarios[state.scenario].settings;

function draws(lever, key, state) { // one number per future
  const name = `${lever}.${key}`, setting = settingsOf(state)[lever][key];
  const median = name in state.values ? state.values[name] : setting.median;
  const narrow = state.narrow && name in state.values;
  const tag = `${state.scenario},${median},${narrow}`, before = kept.get(name);
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

// --- what Python's formulas lean on, and what the names in them stand for (forecast/report/explorer_formulas.py)

const along = (x, places, values) => { // straight lines, level beyond the ends
  const right = places.findIndex((place) => place >= x);
  if (right < 1) return values[right < 0 ? values.length - 1 : 0];
  return values[right - 1] + (values[right] - values[right - 1]) * (x - places[right - 1]) / (places[right] - places[right - 1]);
};

function pathAt(path, when, d) { // a future's path at an instant, straight lines between the knots
  const after = data.years.findIndex((year) => year > when), right = after < 0 ? data.years.length - 1 : Math.max(after, 1);
  const [last, next] = [data.years[right - 1], data.years[right]], before = path(right - 1)(d);
  return before + Math.min(Math.max((when - last) / (next - last), 0), 1) * (path(right)(d) - before);
}

function sideOf(state, side) { // log10 of a side of a state: of a knot, then of a future
  const { rest, added, formulas: own } = data.scenarios[state.scenario], whole = { ...data.rest, ...rest };
  const of = (name) => {
    const [where, key, part] = name.split(".");
    if (where === "now") return state.values[key];
    if (where === "rest") return whole[key];
    if (name === "place") return unpacked.places;
    return where === "added" ? unpacked.numbers(added[key][part]) : draws(where, key, state);
  };
  return formulas[own[side]](of, { path: side === "stock" ? unpacked.stocks[state.scenario] : unpacked.frontier, demand: unpacked.demand });
}

function crossings(state, only) { // forecast/runs/passage.py, first passage; of all futures, or of some
  const frontier = sideOf(state, "frontier"), stock = sideOf(state, "stock");
  const found = new Float64Array(data.draws).fill(Infinity), gapBefore = new Float64Array(data.draws);
  let undecided = only || Array.from(found.keys());
  data.years.forEach((year, k) => {
    const use = frontier(k), there = stock(k);
    undecided = undecided.filter((d) => {
      const gap = use(d) - there(d), before = gapBefore[d];
      gapBefore[d] = gap;
      if (gap < 0) return true;
      const last = data.years[k - 1];
      found[d] = k === 0 ? year : last + (-before / (gap - before)) * (year - last);
      return false;
    });
  });
  return found;
}

const unbounded = (given) => ({ ...given, low: null, high: null });
const conditioned = (state) => state.given.low !== null || state.given.high !== null;

function fitting(state, weight) { // forecast/runs/conditioning.py: futures outside of the range weigh nothing
  const { year, low, high } = state.given, at = sideOf(state, "frontier")(data.years.indexOf(year));
  return weight.map((w, d) => (10 ** at(d) >= (low ?? 0) && 10 ** at(d) <= (high ?? Infinity) ? w : 0));
}

function computed(state) { // each member's futures share its weight
  const years = crossings(state), sumOf = (values) => values.reduce((a, b) => a + b, 0);
  let weight = new Float64Array(data.draws), from = 0, worth = data.draws, left = data.draws;
  data.members.forEach((member, i) => { weight.fill(state.weights[i] / member.draws, from, from += member.draws); });
  if (conditioned(state)) {
    weight = fitting(state, weight);
    left = weight.filter((w) => w > 0).length;
    worth = left && sumOf(weight) ** 2 / sumOf(weight.map((w) => w * w));
    if (worth < data.given.fewest) return { refused: true, left };
  }
  const order = Array.from(years.keys()).sort((a, b) => (years[a] < years[b] ? -1 : years[a] > years[b] ? 1 : 0));
  let sum = 0;
  const total = sumOf(weight), sorted = order.map((d) => years[d]);
  const cumulated = order.map((d) => (sum += weight[d]) / total);
  const probability = (before) => { // of a year below an instant
    let low = 0, high = sorted.length;
    while (low < high) { const middle = (low + high) >> 1; if (sorted[middle] < before) low = middle + 1; else high = middle; }
    return low ? cumulated[low - 1] : 0;
  };
  const quantile = (p) => { const at = cumulated.findIndex((share) => share >= p - 1e-9); return sorted[at]; };
  const by = (year) => probability(year + 1);
  return {
    probability, by, low: quantile(0.1), middle: quantile(0.5), high: quantile(0.9),
    already: probability(data.words.asOf), never: 1 - by(data.horizon),
    error: (year) => Math.sqrt(by(year) * (1 - by(year)) / worth), left, worth,
  };
}

function answer(state) { // untouched, a scenario says what its own run has said
  const found = computed(state), told = data.scenarios[state.scenario].reported;
  if (found.refused) return { ...answer({ ...state, given: unbounded(state.given) }), ...found };
  if (!told || !untouched(state) || !data.scenarios[state.scenario].whole) return found;
  const or = (year) => year ?? Infinity;
  return {
    ...found, by: (year) => told.by[year] ?? found.by(year), low: or(told.low), middle: or(told.median), high: or(told.high),
    already: told.already, never: told.never, error: (year) => told.errors[year] ?? found.error(year),
  };
}

const restOf = (scenario) => ({ ...data.rest, ...data.scenarios[scenario].rest });
const movedSliders = (state) => {
  const rest = restOf(state.scenario);
  return data.sliders.filter((s) => s.name in rest && state.values[s.name] !== rest[s.name]);
};
const untouched = (state) => !movedSliders(state).length && !state.narrow && !conditioned(state) && state.weights.every((w) => w === state.weights[0]);
