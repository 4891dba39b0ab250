// --- the page: controls, address, read-out, a curve of one's own, what can be taken along

const byName = (name) => data.sliders.find((s) => s.name === name);
const toPosition = (s, value) => Math.min(Math.max(Math.round(data.steps * (s.scale === "log"
  ? Math.log(value / s.low) / Math.log(s.high / s.low) : (value - s.low) / (s.high - s.low))), 0), data.steps);
const fromPosition = (s, position) => { // at rest exactly the scenario's value, elsewhere what the address can keep
  const rest = restOf(state.scenario)[s.name];
  if (position === toPosition(s, rest)) return rest;
  if (s.beyond && position === data.steps) return s.beyond;
  const part = position / data.steps;
  return Number((s.scale === "log" ? s.low * (s.high / s.low) ** part : s.low + (s.high - s.low) * part).toPrecision(4));
};
const atRest = (scenario = 0) => (
  { scenario, values: restOf(scenario), weights: data.members.map(() => 1), narrow: false, year: data.headlineYear,
    given: { year: data.given.year, low: null, high: null } });
const used = () => (now.refused ? { ...state, given: unbounded(state.given) } : state); // what the answer rests on
const guess = { drawing: false, shares: {} };
let state, reported, now, hovered = null, announced, waiting, checking;

function fromAddress() {
  let hash;
  try { hash = decodeURIComponent(location.hash.slice(1)); } catch { return null; } // an address of somebody else's making
  const [place, ...parts] = hash.split("&");
  if (place !== "explorer") return null;
  const said = parts.map((part) => part.split("=")).filter(([, text]) => text !== undefined && text.trim() !== "");
  const chosen = said.filter(([name]) => name === "scenario").map(([, text]) => data.scenarios.findIndex((s) => s.name === text));
  const read = atRest(Math.max(chosen.pop() ?? 0, 0));
  for (const [name, text] of said) {
    const slider = data.sliders.find((s) => s.name === name), value = Number(text);
    if (slider && name in read.values && Number.isFinite(value))
      read.values[name] = slider.beyond && value > slider.high ? slider.beyond : Math.min(Math.max(value, slider.low), slider.high);
    if (name === "spread" && text === "none") read.narrow = true;
    if (name === "year" && data.scenarios[0].reported.by[text] !== undefined && value <= data.words.lastYear) read.year = value;
    const [, known] = name.match(/^frontier_(\d+)$/) ?? [];
    if (known && data.given.years.includes(Number(known))) { // as given(frontier_...=(low, high)) in Python, an end left out is open
      const [low, high] = text.split("..").map((end) => (Number(end) > 0 && Number.isFinite(Number(end)) ? Number(end) : null));
      if (high !== undefined && (low === null || high === null || low <= high)) read.given = { year: Number(known), low, high };
    }
    if (name === "weights") {
      const weights = text.split(",").map((w) => (w.trim() === "" ? NaN : Number(w)));
      const good = weights.length === data.members.length && weights.every((w) => w >= 0 && w <= 100);
      if (good && weights.some((w) => w > 0)) read.weights = weights;
    }
  }
  return read;
}

function toAddress() {
  const parts = movedSliders(state).map((s) => `${s.name}=${state.values[s.name]}`);
  if (state.scenario) parts.unshift(`scenario=${data.scenarios[state.scenario].name}`);
  if (state.year !== data.headlineYear) parts.push(`year=${state.year}`);
  if (state.weights.some((w) => w !== 1)) parts.push(`weights=${state.weights.join(",")}`);
  if (state.narrow) parts.push("spread=none");
  const end = (x) => (x === null ? "" : x.toExponential().replace("+", ""));
  if (conditioned(state)) parts.push(`frontier_${state.given.year}=${end(state.given.low)}..${end(state.given.high)}`);
  const before = location.hash.startsWith("#explorer") || parts.length;
  if (before) history.replaceState(null, "", `#${["explorer", ...parts].join("&")}`);
}

function note(s) { // what is bounded, at its end, or moves nothing, from some of the futures
  const some = Array.from({ length: Math.min(data.draws, 500) }, (_, i) => Math.floor(i * data.draws / Math.min(data.draws, 500)));
  const at = (value) => crossings({ ...state, values: { ...state.values, [s.name]: value } }, some).join();
  const ends = [s.low, s.beyond || s.high].map(at), value = state.values[s.name], here = at(value);
  if (ends[0] === ends[1] && here === ends[0]) return `Moves nothing here: ${s.idle}.`;
  if (here === ends[1] && toPosition(s, value) < data.steps) return "At its ceiling: a larger value changes nothing.";
  if (here === ends[0] && toPosition(s, value) > 0) return "At its floor: a smaller value changes nothing.";
  const middle = middleOf(s, value, state), setting = s.name.includes(".") && settingsOf(state)[s.name.split(".")[0]][s.name.split(".")[1]];
  if (setting && value !== restOf(state.scenario)[s.name] && Math.abs(middle / value - 1) > 0.02 && value <= s.high)
    return `Set to ${forms[s.form](value)}; its bounds hold the middle at ${forms[s.form](middle)}.`;
  return "";
}

function notes() { // one slider at a time, so that the page goes on answering
  clearTimeout(checking);
  panel.dataset.notes = "";
  const queue = data.sliders.filter((s) => s.name in state.values);
  const next = () => {
    const s = queue.shift();
    if (!s) { panel.dataset.notes = "done"; return; }
    const words = note(s), line = $(`explorer-note-${s.name}`);
    line.textContent = words;
    line.hidden = !words;
    checking = setTimeout(next, 0);
  };
  checking = setTimeout(next, 400);
}

function readOut() {
  const year = hovered ?? state.year, here = percent(now.by(year)), there = percent(reported.by(year));
  const own = state.scenario === 0 && untouched(used());
  const mine = guess.shares[year] === undefined ? "" : `; you: ${percent(guess.shares[year])}`;
  const words = guess.drawing ? `By the end of ${year}${guess.shares[year] === undefined ? "" : `: ${Math.round(100 * guess.shares[year])}%`}`
    : `By the end of ${year}: ${here}${own ? "" : `; the report: ${there}`}${mine}`;
  $("explorer-readout").textContent = words;
  $("explorer-plot").setAttribute("aria-valuenow", year);
  $("explorer-plot").setAttribute("aria-valuetext", words);
  draw(now, reported, used(), year);
}

const givenScale = () => ({ low: data.given.low, high: data.given.high, scale: "log" });

function showGiven() { // the first and the last position leave an end open
  const { year, low, high } = state.given, count = (x) => Math.round(x).toLocaleString("en");
  $("explorer-given-year").value = year;
  for (const [name, end, open] of [["low", low, 0], ["high", high, data.steps]]) {
    const words = end === null ? "no bound" : `${amountWords(end)} ${data.given.unit}`;
    $(`explorer-given-${name}`).value = end === null ? open : toPosition(givenScale(), end);
    $(`explorer-given-${name}`).setAttribute("aria-valuetext", words);
    $(`explorer-given-${name}-value`).textContent = words;
  }
  const of = `${count(now.left)} of ${count(data.draws)} futures`, some = now.refused || Math.round(now.worth) === now.left;
  $("explorer-given-note").textContent = now.refused
    ? `Not used: only ${of} agree with it, too few for an answer (at least ${data.given.fewest}). Widen the range.`
    : conditioned(state) ? `${of} agree with it${some ? "" : `, worth ${count(now.worth)} of equal weight`}; the answer is theirs.` : "";
  $("explorer-given-note").hidden = $("explorer-given-reset").hidden = !conditioned(state);
}

function showRow() { // a page cannot fit: it says the command that does
  const [model, day, tokens] = ["model", "day", "tokens"].map((name) => $(`explorer-added-${name}`).value.trim());
  const name = model.replace(/[^\p{L}\p{N} ._+-]/gu, "").replace(/\s+/g, " "), size = Number(tokens);
  const whole = name.trim() && day && size > 0 && Number.isFinite(size);
  const line = `forecast run ${data.scenarios[state.scenario].run} --add "${name},${day},${size}" --out with_row`;
  $("explorer-added-line").textContent = whole ? line : "";
  $("explorer-added-copy").disabled = !whole;
}

function showSlider(s) {
  const row = $(`explorer-row-${s.name}`), there = s.name in state.values;
  row.hidden = !there;
  if (!there) return;
  const input = $(`explorer-${s.name}`), words = shown(s, state.values[s.name], state);
  input.value = toPosition(s, state.values[s.name]);
  input.setAttribute("aria-valuetext", words);
  $(`explorer-${s.name}-value`).textContent = words;
  $(`explorer-undo-${s.name}`).hidden = state.values[s.name] === restOf(state.scenario)[s.name];
}

function showScenario() {
  const chosen = data.scenarios[state.scenario], full = chosen.reported;
  const says = full && `${percent(full.by[data.headlineYear])} by the end of ${data.headlineYear}, median ${yearWords(full.median ?? Infinity)}`;
  const words = chosen.whole ? "" : `With the growth models of this report.${says ? ` The scenario's own run says ${says}.` : " The scenario has others."}`;
  $("explorer-scenario").value = chosen.name;
  $("explorer-scenario-note").textContent = words;
  $("explorer-scenario-note").hidden = !words;
}

function refresh() {
  data.sliders.forEach(showSlider);
  showScenario();
  const total = state.weights.reduce((a, b) => a + b, 0);
  data.members.forEach((member, i) => {
    const words = `${Math.round(100 * state.weights[i] / total)}%`;
    $(`explorer-weight-${i}`).value = state.weights[i];
    $(`explorer-weight-${i}`).setAttribute("aria-valuetext", words);
    $(`explorer-weight-${i}-value`).textContent = words;
  });
  $("explorer-spread").checked = state.narrow;
  $("explorer-year").value = state.year;
  now = answer(state);
  showGiven();
  showRow();
  const own = state.scenario === 0 && untouched(used());
  $("explorer-sentence").textContent = sentence(now, used());
  $("explorer-lead").textContent = lead(now, used());
  $("explorer-whose").textContent = own ? "The report's own setting" : untouched(used())
    ? `Scenario: ${data.scenarios[state.scenario].title}` : "Your setting, not the report's forecast";
  $("explorer-reset").disabled = own && !conditioned(state) && state.year === data.headlineYear && state.weights.every((w) => w === 1);
  data.tableYears.forEach((year) => { $(`explorer-by-${year}`).textContent = percent(now.by(year)); });
  const counts = hundred(now, state.year), before = counts[0] + counts[1];
  dots(counts);
  $("explorer-hundred").textContent = `Of 100 futures, ${counts[0]} are there already, ${counts[1]} more by the end of ${state.year}`
    + ` (${before} in all), ${counts[2]} later, ${counts[3]} not by ${data.horizon}.`;
  readOut();
  compared();
  panel.dataset.median = now.middle;
  panel.dataset.low = now.low;
  panel.dataset.high = now.high;
  panel.dataset.by = now.by(data.headlineYear);
  notes();
  clearTimeout(waiting); // read aloud once the slider stops
  waiting = setTimeout(() => {
    const words = `${percent(now.by(state.year))} by the end of ${state.year}, median ${yearWords(now.middle)}.${now.refused ? " What is known is not used." : ""}`;
    if (announced !== undefined && announced !== words) $("explorer-live").textContent = words;
    announced = words;
  }, 600);
}

// A curve of the reader's own, drawn before the forecast's is shown.

function setGuess(year, share) { // a share by a year is no larger than by a later one
  const value = Math.min(Math.max(share, 0), 1);
  guess.shares[year] = value;
  for (const other of allYears) {
    if (guess.shares[other] === undefined) continue;
    if (other < year) guess.shares[other] = Math.min(guess.shares[other], value);
    if (other > year) guess.shares[other] = Math.max(guess.shares[other], value);
  }
}

function guessAt(event) {
  const box = $("explorer-plot").getBoundingClientRect(), scale = frame.width / box.width;
  const year = Math.min(Math.max(Math.round(frame.year((event.clientX - box.left) * scale)) - 1, allYears[0]), allYears[allYears.length - 1]);
  const share = frame.share((event.clientY - box.top) * scale), before = guess.last;
  if (before !== undefined && Math.abs(year - before.year) > 1) // a fast stroke leaves no year out
    allYears.filter((between) => (between - before.year) * (between - year) < 0)
      .forEach((between) => setGuess(between, before.share + (share - before.share) * (between - before.year) / (year - before.year)));
  setGuess(year, share);
  guess.last = { year, share };
  state.year = year;
  readOut();
}

function setDrawing(drawing) {
  guess.drawing = drawing;
  if (drawing) { guess.shares = {}; guess.last = undefined; }
  panel.classList.toggle("guessing", drawing);
  $("explorer-draw").hidden = drawing;
  $("explorer-show").hidden = !drawing;
  $("explorer-plot").setAttribute("aria-label", drawing ? "Your own odds by year: left and right choose a year, up and down set it" : "Year on the chart");
  refresh();
  $(drawing ? "explorer-plot" : "explorer-draw").focus({ preventScroll: true });
}

function compared() {
  const drawn = allYears.filter((year) => guess.shares[year] !== undefined), line = $("explorer-compared");
  line.hidden = guess.drawing || drawn.length < 2;
  if (line.hidden) return;
  const half = drawn.find((year) => guess.shares[year] >= 0.5), apart = (year) => Math.abs(guess.shares[year] - reported.by(year));
  const most = drawn.reduce((a, b) => (apart(b) > apart(a) ? b : a));
  line.textContent = `${half === undefined ? "You put less than even odds on every year that you drew" : `You reach even odds by the end of ${half}`}; `
    + `the report's central estimate is ${yearPhrase(reported.middle)}. You are furthest apart by the end of ${most}: `
    + `you ${percent(guess.shares[most])}, the report ${percent(reported.by(most))}.`;
}

// What can be taken along.

function say(words) { $("explorer-live").textContent = words; $("explorer-done").textContent = words; }

async function copy(text, words) {
  try { await navigator.clipboard.writeText(text); } catch { // not every page may write there
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
  say(words);
}

function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
  say(`${name} saved.`);
}

const rows = () => ["by_end_of,setting,report", ...allYears.map((year) => `${year},${now.by(year).toFixed(4)},${reported.by(year).toFixed(4)}`)];

function take() {
  const link = () => { toAddress(); return location.href.includes("#") ? location.href : `${location.href}#explorer`; };
  $("explorer-copy").addEventListener("click", () => copy(sentence(now, used()), "Sentence copied."));
  $("explorer-link").addEventListener("click", () => copy(link(), "Link copied."));
  $("explorer-csv").addEventListener("click", () => save(new Blob([`${rows().join("\n")}\n`], { type: "text/csv" }), "explorer.csv"));
  $("explorer-png").addEventListener("click", () => {
    draw(now, reported, used(), state.year, PICTURE.chart);
    const drawn = picture(sentence(now, used()), `${data.words.source}. ${data.scenarios[state.scenario].title}.`);
    readOut();
    drawn.toBlob((blob) => save(blob, "explorer.png"), "image/png");
  });
}

function point() { // the chart is a slider over years: hover reads, a click or a key keeps
  const plot = $("explorer-plot"), from = allYears[0], to = allYears[allYears.length - 1];
  const within = (year) => Math.min(Math.max(year, from), to);
  const under = (event) => {
    const box = plot.getBoundingClientRect();
    return within(Math.round(frame.year((event.clientX - box.left) * frame.width / box.width)) - 1);
  };
  const choose = (year) => { hovered = null; state.year = within(year); toAddress(); refresh(); };
  plot.setAttribute("aria-valuemin", from);
  plot.setAttribute("aria-valuemax", to);
  plot.addEventListener("pointerdown", (event) => {
    if (guess.drawing) { plot.setPointerCapture(event.pointerId); guess.last = undefined; guessAt(event); event.preventDefault(); }
  });
  plot.addEventListener("pointermove", (event) => {
    if (guess.drawing) { if (event.buttons) guessAt(event); return; }
    hovered = under(event);
    readOut();
  });
  plot.addEventListener("pointerleave", () => { hovered = null; readOut(); });
  plot.addEventListener("click", (event) => { if (!guess.drawing) choose(under(event)); });
  plot.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -1, ArrowRight: 1, PageDown: -5, PageUp: 5 }[event.key], up = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (up && guess.drawing) {
      const before = allYears.filter((year) => year <= state.year && guess.shares[year] !== undefined).pop();
      setGuess(state.year, Math.round(20 * (guess.shares[before] ?? 0) + up) / 20);
      readOut();
    } else if (step || up) choose(state.year + (step || up));
    else if (event.key === "Home") choose(from);
    else if (event.key === "End") choose(to);
    else return;
    event.preventDefault();
  });
}

function listen() {
  const change = (changed) => { state = { ...state, ...changed }; toAddress(); refresh(); };
  for (const s of data.sliders) {
    const set = (value) => change({ values: { ...state.values, [s.name]: value } });
    $(`explorer-${s.name}`).addEventListener("input", (event) => set(fromPosition(s, Number(event.target.value))));
    $(`explorer-undo-${s.name}`).addEventListener("click", () => { set(restOf(state.scenario)[s.name]); $(`explorer-${s.name}`).focus(); });
  }
  data.members.forEach((member, i) => $(`explorer-weight-${i}`).addEventListener("input", (event) => {
    const weights = state.weights.map((w, j) => (j === i ? Number(event.target.value) : w));
    change(weights.some((w) => w > 0) ? { weights } : {}); // a mixture of nobody has no answer
  }));
  for (const name of ["low", "high"]) $(`explorer-given-${name}`).addEventListener("input", (event) => {
    const position = Number(event.target.value), given = { ...state.given }, other = name === "low" ? "high" : "low";
    given[name] = position === (name === "low" ? 0 : data.steps) ? null
      : Number((data.given.low * (data.given.high / data.given.low) ** (position / data.steps)).toPrecision(3));
    if (given.low !== null && given.high !== null && given.low > given.high) given[other] = given[name];
    change({ given });
  });
  $("explorer-given-year").addEventListener("change", (event) => change({ given: { ...state.given, year: Number(event.target.value) } }));
  $("explorer-given-reset").addEventListener("click", () => { change({ given: unbounded(state.given) }); $("explorer-given-low").focus(); });
  for (const name of ["model", "day", "tokens"]) $(`explorer-added-${name}`).addEventListener("input", showRow);
  $("explorer-added-copy").addEventListener("click", () => copy($("explorer-added-line").textContent, "Command copied."));
  $("explorer-spread").addEventListener("change", (event) => change({ narrow: event.target.checked }));
  $("explorer-year").addEventListener("change", (event) => change({ year: Number(event.target.value) }));
  $("explorer-scenario").addEventListener("change", (event) => { // what no scenario sets stays as the reader has it
    const scenario = data.scenarios.findIndex((s) => s.name === event.target.value), values = restOf(scenario);
    for (const name of Object.keys(data.rest)) values[name] = state.values[name];
    change({ scenario, values });
  });
  $("explorer-reset").addEventListener("click", () => { change(atRest()); $("explorer-whose").focus(); });
  $("explorer-draw").addEventListener("click", () => setDrawing(true));
  $("explorer-show").addEventListener("click", () => setDrawing(false));
  window.addEventListener("hashchange", () => { const read = fromAddress(); if (read) { state = read; refresh(); } });
  point();
  take();
  let width = 0;
  new ResizeObserver(() => { if (panel.clientWidth !== width) { width = panel.clientWidth; readOut(); } }).observe(panel);
}

async function begin() {
  const bytes = await inflate(data.packed), stocks = new Map();
  const merged = (own, changed) => Object.fromEntries(Object.keys({ ...own, ...changed }).map((lever) => [lever,
    Object.fromEntries(Object.entries({ ...own[lever], ...changed[lever] }).filter(([, setting]) => setting !== null))]));
  data.scenarios.slice(1).forEach((s) => { s.settings = merged(data.scenarios[0].settings, s.settings); });
  const stockOf = (where) => {
    const key = `${where.at},${where.low}`;
    if (!stocks.has(key)) stocks.set(key, alongYears(unpackPaths(bytes, where, data.stockYears.length), data.stockYears, data.years));
    return stocks.get(key);
  };
  const frontier = unpackPaths(bytes, data.frontier, data.years.length);
  unpacked = {
    frontier,
    demand: data.demand && unpackPaths(bytes, data.demand, data.years.length),
    places: Float64Array.from(pairs(bytes, data.places, data.draws), (place) => (place + 0.5) / 65536),
    stocks: data.scenarios.map((s) => stockOf(s.stock)),
    ranks: (at) => pairs(bytes, at, data.draws),
    numbers: (at) => new Float32Array(bytes.slice(at, at + 4 * data.draws).buffer),
  };
  reported = answer(atRest());
  const read = fromAddress();
  state = read || atRest();
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
