// The futures of the report, packed into the page, with its levers moved by the reader. Each function names what it mirrors;
// every constant comes from Python with the data (forecast/report/explorer.py, constants). No request is made.
const $ = (id) => document.getElementById(id);
const panel = $("explorer-panel");
const data = JSON.parse($("explorer-data").textContent);
const log10Share = (x) => Math.log10(Math.max(x, data.smallestShare)); // forecast/scenarios/levers/lever.py, log10_share

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

// --- the levers: every future's settings, then its two paths, then the year in which they meet

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

const ramp = (start, length, year) => { // forecast/scenarios/levers/lever.py, ramp
  const since = year - start;
  return length > 0 ? Math.min(Math.max(since / length, 0), 1) : since > 0 ? 1 : 0;
};

function access(state) { // forecast/scenarios/levers/access.py
  if (!settingsOf(state).access) return null;
  const get = (key) => draws("access", key, state), has = (key) => settingsOf(state).access[key] !== undefined;
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

function quality(state) { // forecast/scenarios/levers/quality.py
  if (!settingsOf(state).quality) return null;
  const get = (key) => draws("quality", key, state);
  const share = get("usable_share").map(log10Share), loosening = get("loosening").map(Math.log10);
  const start = get("start"), length = get("ramp_years");
  return (year) => (d) => Math.min(share[d] + loosening[d] * ramp(start[d], length[d], year), 0);
}

const laws = { // forecast/core/repetition.py, by the constant of each
  r_star: (e, scale) => 1 - scale * Math.expm1(-(e - 1) / scale),
  tau: (e, scale) => 1 - Math.expm1(-(e - 1) / scale) / Math.expm1(1 / scale),
  turning_point: (e, scale) => (e ** -data.exponent + data.exponent * scale ** (-data.exponent - 1) * (e - 1)) ** (-1 / data.exponent),
};

function repetition(state) { // forecast/scenarios/levers/repetition.py
  const settings = settingsOf(state).repetition;
  if (!settings) return null;
  let passes;
  if (settings.passes) passes = draws("repetition", "passes", state);
  else {
    const law = draws("repetition", "law", state);
    const scales = data.laws.map((key) => settings[key] ? draws("repetition", key, state) : []);
    const worth = (e, d) => laws[data.laws[law[d]]](e, scales[law[d]][d]);
    const run = settings.run_epochs ? draws("repetition", "run_epochs", state) : new Float64Array(data.draws).fill(1);
    passes = draws("repetition", "epochs", state).map((e, d) => worth(e, d) * run[d] / worth(run[d], d));
  }
  const factor = passes.map(log10Share);
  return () => (d) => factor[d];
}

function synthetic(state) { // forecast/scenarios/levers/synthetic.py
  if (!settingsOf(state).synthetic) return null;
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

function added(state) { // levers that add an amount of their own: private text, other media
  return data.scenarios[state.scenario].added.map((each) => {
    const amount = unpacked.numbers(each.amount), start = unpacked.numbers(each.start);
    const length = unpacked.numbers(each.ramp);
    return (year) => (d, path) => log10Share(1 + amount[d] * ramp(start[d], length[d], year) * 10 ** -path);
  });
}

function overtraining(state) { // forecast/scenarios/levers/overtraining.py
  if (!settingsOf(state).overtraining) return null;
  const ratio = draws("overtraining", "ratio", state).map((x) => 0.5 * Math.log10(x));
  const start = draws("overtraining", "start", state), length = draws("overtraining", "ramp_years", state);
  return (year) => (d) => ratio[d] * ramp(start[d], length[d], year);
}

function efficiency(state) { // forecast/scenarios/levers/data_efficiency.py
  if (!settingsOf(state).data_efficiency) return null;
  const gain = draws("data_efficiency", "gain_per_year", state).map(Math.log10);
  const limit = draws("data_efficiency", "limit", state).map(Math.log10);
  const start = draws("data_efficiency", "start", state);
  return (year) => (d) => -Math.min(gain[d] * Math.max(year - start[d], 0), limit[d]);
}

function shifted(state) { // forecast/report/explorer_paths.py, Shifts: the frontier before limits and levers
  const rows = unpacked.frontier;
  if (!data.free) return (k, d) => rows[k][d];
  const moved = (name) => (name in data.rest ? Math.log10(state.values[name]) / Math.log10(data.rest[name]) : 1);
  const pace = moved("growth"), premium = "premium" in data.rest ? Math.log10(state.values.premium / data.rest.premium) : 0;
  const share = state.values.undisclosed, size = Math.log10(state.values.undisclosed_size);
  const delta = Float64Array.from(unpacked.places, (place) => {
    const u = share > 0 ? Math.max(1 - (1 - (place + 0.5) / 65536) / share, 0) : 0;
    return u > 0 ? size * normalQuantile((1 + u) / 2) / normalQuantile(0.75) : 0; // half-normal, its median the size
  });
  const { from, full } = data.hidden;
  const grown = data.years.map((year) => Math.min(Math.max((year - from) / (full - from), 0), 1));
  return (k, d) => {
    const at = unpacked.now[d], path = data.years[k] > data.since ? at + pace * (rows[k][d] - at) : rows[k][d];
    return path + premium + delta[d] * grown[k];
  };
}

function limited(state, path) { // forecast/scenarios/levers/compute_cap.py
  const settings = settingsOf(state).compute_cap;
  if (!settings || (!settings.limit_2030.sd || state.narrow) && state.values["compute_cap.limit_2030"] >= data.cap.none) return path;
  const get = (key) => draws("compute_cap", key, state);
  const limit = get("limit_2030").map(Math.log10), ratio = get("tokens_per_parameter").map((r) => Math.log10(r / data.cap.flop));
  const growth = get("later_growth"), fading = get("later_fading"), start = get("start"), years = data.years;
  const reached = start.map((when, d) => {
    const right = Math.min(Math.max(years.findIndex((year) => year > when), 1), years.length - 1);
    const part = Math.min(Math.max((when - years[right - 1]) / (years[right] - years[right - 1]), 0), 1);
    return path(right - 1, d) + part * (path(right, d) - path(right - 1, d));
  });
  return (k, d) => {
    const free = path(k, d);
    if (years[k] <= start[d]) return free;
    const later = Math.max(years[k] - data.cap.limitYear, 0);
    const compute = limit[d] + growth[d] * -Math.expm1(-fading[d] * later) / fading[d];
    return Math.min(free, Math.max(0.5 * (compute + ratio[d]), reached[d]));
  };
}

function frontierOf(state) { // with limits and levers: of a knot, then of a future
  const levers = [overtraining(state), efficiency(state)].filter(Boolean), path = limited(state, shifted(state));
  return (k) => {
    const then = levers.map((lever) => lever(data.years[k]));
    return (d) => then.reduce((at, lever) => at + lever(d, at), path(k, d) + (unpacked.demand ? unpacked.demand[k][d] : 0));
  };
}

function crossings(state, only) { // forecast/runs/passage.py, first passage; of all futures, or of some
  const onStock = [access(state), quality(state), repetition(state), synthetic(state), ...added(state)].filter(Boolean);
  const use = frontierOf(state), more = Math.log10(state.values.stock / restOf(state.scenario).stock);
  const rows = unpacked.stocks[state.scenario], found = new Float64Array(data.draws).fill(Infinity);
  const gapBefore = new Float64Array(data.draws);
  let undecided = only || Array.from(found.keys());
  data.years.forEach((year, k) => {
    const stockLevers = onStock.map((lever) => lever(year)), frontier = use(k);
    undecided = undecided.filter((d) => {
      let stock = rows[k][d] + more;
      for (const lever of stockLevers) stock += lever(d, stock);
      const gap = frontier(d) - stock, before = gapBefore[d];
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
  const { year, low, high } = state.given, at = frontierOf(state)(data.years.indexOf(year));
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
