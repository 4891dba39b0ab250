// --- words, as forecast/core/wording.py, forecast/runs/headline.py and forecast/plots/style.py have them

const roundHalfEven = (x) => { const low = Math.floor(x); return x - low === 0.5 ? low + (low % 2) : Math.round(x); };
const percent = (share) => { // forecast/runs/sentence.py, percent
  const [least, half, most] = data.words.percent;
  return share < 0.01 ? least : share > 0.99 ? most : half.replace("50", roundHalfEven(100 * share));
};
const told = (year) => year < data.words.lastYear + 1;
const after = `after ${data.words.lastYear}`;
const yearWords = (year) => told(year) ? String(Math.floor(year)) : after;
const yearPhrase = (year) => told(year)
  ? `${["early ", "mid-", "late "][Math.min(Math.floor(3 * (year - Math.floor(year))), 2)]}${Math.floor(year)}` : after;
const odds = (share) => data.words.odds.reduce((a, b) => (Math.abs(b.share - share) < Math.abs(a.share - share) ? b : a));
const stepOf = (error) => error <= data.words.wholePoints ? 1 : error <= data.words.fives ? 5 : 10;
const oddsTold = (share, error) =>
  odds(stepOf(error) === 1 ? share : stepOf(error) * roundHalfEven(100 * share / stepOf(error)) / 100);
const percentWords = (share, error) => {
  const step = stepOf(error), points = step * roundHalfEven(100 * share / step);
  if (share < 0.01 || points === 0) return `less than ${step}%`;
  if (share > 0.99 || points === 100) return `more than ${100 - step}%`;
  return step === 1 ? `${points}%` : `about ${points}%`;
};
const filled = (pattern, values) => pattern.replace(/\{(\w+)\}/g, (all, name) => values[name] ?? all);
const capital = (text) => text.charAt(0).toUpperCase() + text.slice(1);
const short = (x, digits = 2) => String(Number(x.toPrecision(digits)));
const amountWords = (x) => {
  const rounded = Number(x.toPrecision(2)), found = data.words.sizes.find(([size]) => rounded >= size);
  return found ? `${short(rounded / found[0])} ${found[1]}` : short(rounded);
};
const forms = {
  percent: (x) => `${short(100 * x)}%`,
  times: (x) => `${short(x)} times`,
  factor: (x) => `x${short(x, 3)} a year`,
  worth: (x) => short(x),
  amount: amountWords,
  flop: (x) => `${Number(x.toPrecision(2)).toExponential().replace("e+", "e")} FLOP`,
};

function middleOf(slider, value, state) { // the median as the bounds leave it, which is what the report prints
  const [lever, key] = slider.name.split(".");
  if (!key) return value;
  const setting = settingsOf(state)[lever][key];
  return setting.sd && value > 0 ? boundedQuantile(setting, value)(0.5) : value;
}

function shown(slider, value, state) {
  const middle = middleOf(slider, value, state);
  return slider.beyond && value > slider.high ? "no limit" : forms[slider.form](middle);
}

function changes(state) {
  const moved = movedSliders(state).map((s) => `${s.label.charAt(0).toLowerCase()}${s.label.slice(1)} ${shown(s, state.values[s.name], state)}`);
  if (state.weights.some((w) => w !== state.weights[0])) moved.push("other weights of the growth models");
  if (state.narrow) moved.push("levers without spread");
  if (conditioned(state)) moved.push(`given a largest feasible run of ${rangeWords(state.given)} on ${filled(data.given.day, state.given)}`);
  return moved;
}

function rangeWords({ low, high }) {
  const ends = [low, high].map((end) => end !== null && amountWords(end));
  return `${high === null ? `at least ${ends[0]}` : low === null ? `at most ${ends[1]}` : `${ends[0]} to ${ends[1]}`} ${data.given.unit}`;
}

function parts(result, state) { // what the patterns are filled with
  const share = result.by(state.year), error = result.error(state.year);
  const [low, middle, high] = [result.low, result.middle, result.high].map(yearPhrase);
  const form = low.startsWith("after") ? "beyond" : high.startsWith("after") ? "open" : low === high ? "within" : "between";
  return {
    odds: oddsTold(share, error), percent: percentWords(share, error), by: state.year, centre: middle,
    range: filled(data.words.ranges[form], { low, high }),
    already: odds(result.already).crowd, never: odds(result.never).crowd.replace(/^about /, ""),
  };
}

function sentence(result, state) {
  const moved = changes(state), scenario = data.scenarios[state.scenario];
  // The packed futures are rounded: where nothing is changed, the report's own words hold.
  if (!moved.length && !state.scenario && state.year === data.headlineYear) return data.sentence;
  const found = parts(result, state);
  return filled(data.words.pattern, {
    ...found, odds: found.odds.lead,
    scenario: scenario.words + (moved.length ? ` and with a reader's changes (${moved.join(", ")})` : ""),
    event: scenario.need + (movedSliders(state).some((slider) => slider.repeats) ? "" : scenario.repeated),
  });
}

function lead(result, state) {
  const found = parts(result, state);
  return filled(data.words.lead, { ...found, odds: capital(found.odds.crowd) });
}

function hundred(result, year) { // 100 futures by what becomes of them, whole ones that add up
  const by = Math.max(result.by(year), result.already), last = Math.max(1 - result.never, by);
  const shares = [result.already, by - result.already, last - by, 1 - last].map((share) => 100 * share);
  const counts = shares.map(Math.floor);
  const order = [0, 1, 2, 3].sort((a, b) => shares[b] - counts[b] - (shares[a] - counts[a]));
  for (let i = 0; counts.reduce((a, b) => a + b) < 100; i++) counts[order[i % 4]]++;
  return counts;
}

