// Plots for the explorers that have axes; inlined after common.js.

// Where a number goes between two pixels; on a log axis, low and high are powers of ten.
function scale(low, high, from, to, log = false) {
  return (value) => {
    let place = typeof value === "number" ? value : NaN;
    if (log) place = place > 0 ? Math.log10(place) : place === 0 ? low : NaN;
    const share = (Math.min(Math.max(place, low), high) - low) / (high - low);
    return from + share * (to - from);
  };
}

const RAISED = { "-": "⁻", 0: "⁰", 1: "¹", 2: "²", 3: "³", 4: "⁴", 5: "⁵", 6: "⁶", 7: "⁷", 8: "⁸", 9: "⁹" };
const tenTo = (power) => "10" + [...String(power)].map((sign) => RAISED[sign]).join("");

// Whole powers, or round steps, at most about ``most`` of them.
function ticks(low, high, log, most) {
  const rough = (high - low) / most;
  const size = log ? 1 : 10 ** Math.floor(Math.log10(rough));
  const nice = log ? [1, 2, 3, 5, 10, 20, 50] : [1, 2, 5, 10];
  const step = size * (nice.find((k) => k * size >= rough) ?? 100);
  const found = [];
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9; k++) found.push(k * step);
  return found;
}

// A frame with axes. x, y: { low, high, log, label, most, words }. Returns its group, the two
// scales, and layer(), a new group above that can be emptied and drawn again.
function plot({ width, height, x, y, left = 58, right = 12, top = 12, bottom = 44 }) {
  const ends = { x0: left, x1: width - right, y0: height - bottom, y1: top };
  const sx = scale(x.low, x.high, ends.x0, ends.x1, x.log);
  const sy = scale(y.low, y.high, ends.y0, ends.y1, y.log);
  const words = (axis, tick) => axis.words ? axis.words(tick) : axis.log ? tenTo(tick) : short(Number(tick.toPrecision(6)));
  const value = (axis, tick) => axis.log ? 10 ** tick : tick;
  const group = svg("g", { class: "bpl-axes" });
  for (const tick of ticks(x.low, x.high, x.log, x.most ?? 8)) {
    const at = sx(value(x, tick));
    group.append(svg("line", { x1: at, x2: at, y1: ends.y0, y2: ends.y1 }),
      svg("text", { x: at, y: ends.y0 + 18, "text-anchor": "middle" }, words(x, tick)));
  }
  for (const tick of ticks(y.low, y.high, y.log, y.most ?? 6)) {
    const at = sy(value(y, tick));
    group.append(svg("line", { x1: ends.x0, x2: ends.x1, y1: at, y2: at }),
      svg("text", { x: ends.x0 - 7, y: at + 4, "text-anchor": "end" }, words(y, tick)));
  }
  group.append(
    svg("text", { x: (ends.x0 + ends.x1) / 2, y: ends.y0 + 38, "text-anchor": "middle" }, x.label ?? ""),
    svg("text", { x: Math.min(ends.x0, 8), y: 13, "text-anchor": "start" }, y.label ?? ""));
  return { ...ends, group, sx, sy };
}

// "M1 2L3 4": a path through the places that exist.
function through(places) {
  let pen = "M";
  return places.map(([x, y]) => {
    if (!Number.isFinite(x + y)) { pen = "M"; return ""; }
    const piece = `${pen}${x.toFixed(1)} ${y.toFixed(1)}`;
    pen = "L";
    return piece;
  }).join("");
}

const MARKS = {
  circle: "M-3.5 0a3.5 3.5 0 1 0 7 0a3.5 3.5 0 1 0 -7 0",
  square: "M-3.2 -3.2h6.4v6.4h-6.4z",
  triangle: "M0 -4.2L4 3H-4z",
  diamond: "M0 -4.6L4 0L0 4.6L-4 0z",
};

const mark = (shape, x, y, attributes = {}) =>
  svg("path", { d: MARKS[shape], transform: `translate(${x.toFixed(1)} ${y.toFixed(1)})`, ...attributes });

// Buttons of which one is pressed. choices: [[value, words], ...].
function choice({ label, choices, value, onchange }) {
  const buttons = choices.map(([key, words]) => button(words, () => { change(key); onchange(key); }));
  const change = (key) => buttons.forEach((node, i) =>
    node.setAttribute("aria-pressed", String(choices[i][0] === key)));
  change(value);
  return { element: html("span", { class: "bpl-choice", role: "group", "aria-label": label }, buttons), buttons, change };
}

// A box for one number and its button; the Enter key does the same (JupyterLab lets no
// form be submitted). take gets the number; complain gets nothing when it is none.
function entry({ before, after = "", name, words, size, take, complain }) {
  const check = () => {
    const numbers = typed(input.value);
    if (numbers?.length === 1) take(numbers[0]);
    else { complain(); input.focus(); }
  };
  const onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    check();
  };
  const input = html("input", { type: "text", size, autocomplete: "off", "aria-label": name, onkeydown });
  return { input, element: html("div", { class: "bpl-row" }, html("label", {}, before, input, after), button(words, check)) };
}

// A labelled list to choose from.
function select({ label, choices, value, onchange }) {
  const input = html("select", { "aria-label": label, onchange: () => onchange(input.value) },
    choices.map(([key, words]) => html("option", { value: key }, words)));
  input.value = value;
  return { element: html("label", { class: "bpl-select" }, `${label} `, input), input };
}

// Shows Python's number on a slider, unless the learner is moving it right now.
function follow(slider, number) {
  if (document.activeElement !== slider.input) slider.change(number);
}

const quiet = () => matchMedia("(prefers-reduced-motion: reduce)").matches;

// Calls draw(width) now and whenever the room changes; width lies within the two limits.
function fitted(root, least, most, draw) {
  let last = 0;
  const update = () => {
    const width = Math.round(Math.min(most, Math.max(least, root.clientWidth || most)));
    if (width !== last) draw(last = width);
  };
  new ResizeObserver(update).observe(root);
  update();
}
