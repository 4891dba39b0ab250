// --- drawing: one list of shapes, on the page as SVG, in a saved picture on a canvas

function element(name, attributes, text) {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  Object.entries(attributes).forEach(([key, value]) => made.setAttribute(key, value));
  if (text !== undefined) made.textContent = text;
  return made;
}

const first = Math.floor(data.words.asOf), last = data.words.lastYear + 1;
const allYears = Array.from({ length: last - first }, (_, i) => first + i).filter((year) => year <= data.horizon);
let frame; // {x, y, width, height, left, right, top, bottom} of the chart as it is drawn now

function frameOf(width, height) {
  const left = 40, right = 10, top = 12, bottom = 24;
  return {
    width, height, left, right, top, bottom,
    x: (year) => left + (year - first) / (last - first) * (width - left - right),
    y: (share) => height - bottom - share * (height - top - bottom),
    year: (at) => first + (at - left) / (width - left - right) * (last - first),
    share: (at) => (height - bottom - at) / (height - top - bottom),
  };
}

function draw(now, rest, state, cursor, box = $("explorer-plot").getBoundingClientRect()) {
  const svg = $("explorer-chart");
  frame = frameOf(Math.max(box.width, 240), Math.max(box.height, 110));
  const { x, y, width, height, left, right, top, bottom } = frame, parts = [];
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    parts.push(element("line", { class: "grid", x1: left, x2: width - right, y1: y(share), y2: y(share) }));
    if (height > 160 || share % 0.5 === 0)
      parts.push(element("text", { x: left - 5, y: y(share) + 4, "text-anchor": "end" }, `${100 * share}%`));
  }
  // A share "by the end of 2030" is drawn where 2031 begins.
  for (const year of allYears.filter((each) => each === first || each % 5 === 0 && each > first + 1))
    parts.push(element("text", { x: Math.min(x(year + 1), width - right), y: height - 7,
      "text-anchor": year + 1 < last ? "middle" : "end" }, String(year)));
  const curve = (at) => {
    const points = [];
    for (let year = first; year <= last; year += 0.25) points.push(`${x(year).toFixed(1)},${y(at(year)).toFixed(1)}`);
    return points.join(" ");
  };
  const own = state.scenario === 0 && untouched(state), drawn = allYears.filter((year) => guess.shares[year] !== undefined);
  if (!guess.drawing) {
    if (!own) parts.push(element("polyline", { class: "rest", points: curve(rest.probability) }));
    parts.push(element("polyline", { class: "now", points: curve(now.probability) }));
    if (told(now.middle) && now.middle >= first) parts.push(element("circle", { class: "now", cx: x(now.middle), cy: y(0.5), r: 4.5 }));
  }
  if (drawn.length)
    parts.push(element("polyline", { class: "guess", points: drawn.map((year) => `${x(year + 1).toFixed(1)},${y(guess.shares[year]).toFixed(1)}`).join(" ") }));
  parts.push(element("line", { class: "cursor", x1: x(cursor + 1), x2: x(cursor + 1), y1: y(0), y2: top }));
  const value = guess.drawing ? guess.shares[cursor] : now.by(cursor);
  if (value !== undefined) parts.push(element("circle", { class: "cursor", cx: x(cursor + 1), cy: y(value), r: 4 }));
  // The key stands where the curves are not: below them where they end high, else above where they begin.
  const key = [...(guess.drawing ? [] : own ? [["now", "the report"]] : [["now", untouched(state) ? "the scenario" : "your setting"], ["rest", "the report"]]), ...(drawn.length ? [["guess", "you"]] : [])];
  const high = guess.drawing ? false : Math.min(now.by(last - 1), rest.by(last - 1)) > 0.55, from = high ? width - right - 130 : left + 12;
  key.forEach(([kind, words], i) => {
    const line = high ? y(0.08) - 17 * (key.length - 1 - i) : top + 10 + 17 * i;
    parts.push(element("polyline", { class: kind, points: `${from},${line} ${from + 26},${line}` }));
    parts.push(element("text", { class: `label ${kind}`, x: from + 32, y: line + 4 }, words));
  });
  svg.replaceChildren(...parts);
}

const KINDS = ["already", "soon", "later", "never"];

function dots(counts) {
  const svg = $("explorer-dots"), columns = 25, step = 16, parts = [];
  svg.setAttribute("viewBox", `0 0 ${columns * step} ${4 * step}`);
  let dot = 0;
  counts.forEach((count, kind) => {
    for (let i = 0; i < count; i++, dot++) {
      const cx = step * (Math.floor(dot / 4) + 0.5), cy = step * (dot % 4 + 0.5);
      parts.push(kind === 3 ? element("path", { class: "never", d: `M${cx - 4} ${cy - 4}l8 8m0-8l-8 8` })
        : element("circle", { class: KINDS[kind], cx, cy, r: kind === 2 ? 4.5 : 5.5 }));
    }
  });
  svg.replaceChildren(...parts);
}

function paint(context, svg) { // the shapes of a drawing as they look, on a canvas in the drawing's own units
  for (const shape of svg.children) {
    const look = getComputedStyle(shape), get = (name) => Number(shape.getAttribute(name));
    context.fillStyle = look.fill;
    context.strokeStyle = look.stroke;
    context.lineWidth = parseFloat(look.strokeWidth) || 1;
    context.lineJoin = "round";
    context.setLineDash(look.strokeDasharray === "none" ? [] : look.strokeDasharray.split(",").map(parseFloat));
    context.beginPath();
    if (shape.tagName === "text") {
      context.font = `${look.fontWeight} ${look.fontSize} ${look.fontFamily}`;
      context.textAlign = { end: "right", middle: "center" }[shape.getAttribute("text-anchor")] || "left";
      if (look.stroke !== "none") context.strokeText(shape.textContent, get("x"), get("y"));
      context.fillText(shape.textContent, get("x"), get("y"));
      continue;
    }
    if (shape.tagName === "line") { context.moveTo(get("x1"), get("y1")); context.lineTo(get("x2"), get("y2")); }
    if (shape.tagName === "polyline")
      shape.getAttribute("points").split(" ").forEach((pair) => context.lineTo(...pair.split(",").map(Number)));
    if (shape.tagName === "circle") context.arc(get("cx"), get("cy"), get("r"), 0, 2 * Math.PI);
    if (look.fill !== "none") context.fill();
    if (look.stroke !== "none") context.stroke();
  }
}

const PICTURE = { width: 1600, margin: 60, chart: { width: 740, height: 330 } }; // pixels, and units of the chart

function picture(words, source) { // sentence, chart and source on one canvas
  const canvas = document.createElement("canvas"), context = canvas.getContext("2d");
  const { width, margin } = PICTURE, look = getComputedStyle(panel), svg = $("explorer-chart");
  const scale = (width - 2 * margin) / frame.width, height = frame.height * scale;
  const font = (size, weight = 400) => `${weight} ${size}px ${look.fontFamily}`;
  context.font = font(34, 600);
  const lines = [""];
  for (const word of words.split(" ")) {
    const longer = `${lines[lines.length - 1]} ${word}`.trim();
    if (context.measureText(longer).width > width - 2 * margin) lines.push(word);
    else lines[lines.length - 1] = longer;
  }
  canvas.width = width;
  canvas.height = Math.round(2 * margin + 46 * lines.length + height + 60);
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = look.color;
  context.font = font(34, 600);
  lines.forEach((line, i) => context.fillText(line, margin, margin + 30 + 46 * i));
  context.font = font(24);
  context.fillText(source, margin, canvas.height - margin + 10);
  context.translate(margin, margin + 46 * lines.length + 20);
  context.scale(scale, scale);
  paint(context, svg);
  return canvas;
}

