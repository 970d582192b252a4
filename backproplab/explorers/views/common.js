// Shared by all explorers: inlined before each view, which ends with
//   const render = explorer((frame, trace) => { ...; return draw; });
//   export default { render };

const FOCUSABLE = ["a", "button", "input", "select", "summary", "textarea"];

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else set(node, { [name]: value });
  }
  if (FOCUSABLE.includes(node.localName) || "tabindex" in attributes) {
    // JupyterLab's own keys (m, d d, x, arrows) would act on the cell otherwise.
    node.setAttribute("data-lm-suppress-shortcuts", "true");
  }
  node.append(...children.flat().filter((child) => child !== null));
  return node;
}

// html("p", { class: "note", onclick: f }, "text", child) makes an element.
function html(tag, attributes = {}, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

function svg(tag, attributes = {}, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  return fill(node, attributes, children);
}

// set(node, { d: path, hidden: false }) changes attributes; false and null remove one.
function set(node, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) {
      node.removeAttribute(name);
    } else {
      node.setAttribute(name, value === true ? "" : value);
    }
  }
}

// Text that stays need not be laid out again.
function setText(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

const WORDS = { nan: "not a number", inf: "∞", "-inf": "−∞" };

// A number with at most four significant digits, exactly as backproplab.shown.short.
function short(value, sign = false) {
  if (typeof value === "string") return WORDS[value] ?? value;
  const [digits, power] = value.toExponential(3).split("e").map(Number);
  let words = String(Number(value.toPrecision(4)));
  if (power < -4 || power > 3) {
    words = `${digits}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  if (value === 0) words = "0";
  return (sign && value > 0 ? "+" : "") + words.replaceAll("-", "−");
}

// A number, a list of at most four numbers, or the shape, as backproplab.shown.bracketed.
function bracketed(value, sign = false) {
  if (!Array.isArray(value)) return short(value, sign);
  const flat = value.flat(Infinity);
  if (flat.length <= 4) return `[${flat.map((entry) => short(entry, sign)).join(", ")}]`;
  const shape = [];
  for (let part = value; Array.isArray(part); part = part[0]) shape.push(part.length);
  return shape.join("×");
}

// A number as a factor or a later term: a negative one in parentheses.
function parenthesised(words) {
  return words.startsWith("−") ? `(${words})` : words;
}

function button(label, onclick, attributes = {}) {
  return html("button", { type: "button", onclick, ...attributes }, label);
}

// A box that scrolls sideways on a phone, by keys too.
function scroller(label) {
  return html("div", { class: "bpl-stage", role: "group", tabindex: 0, "aria-label": label });
}

// A labelled range; oninput gets the number, ``show`` writes it beside the range.
function slider({ label, min, max, step, value, oninput, show = short }) {
  const input = html("input", { type: "range", min, max, step, value });
  const output = html("output", {}, show(value));
  const put = (number) => {
    output.textContent = show(number);
    input.setAttribute("aria-valuetext", output.textContent);
  };
  input.addEventListener("input", () => {
    put(Number(input.value));
    oninput(Number(input.value));
  });
  put(value);
  const element = html("label", { class: "bpl-slider" }, html("span", {}, label), input, output);
  const change = (number) => {
    input.value = number;
    put(number);
  };
  return { element, input, change };
}

// What a learner typed as numbers: "1/3", "−2", "3, 4", "2*6"; null when it is none.
function typed(words) {
  const plain = words.replaceAll("−", "-").replace(/[[\]()]/g, "").replace(/\s*([*×·/,;])\s*/g, "$1");
  const entries = plain.trim().split(/[,;]|\s+/);
  const numbers = entries.map((entry) => {
    const parts = entry.split(/([*×·/])/);
    if (parts.some((part) => part === "")) return NaN;
    return parts.slice(1).reduce((left, part, i) => {
      if (i % 2 === 0) return left;
      return parts[i] === "/" ? left / Number(part) : left * Number(part);
    }, Number(parts[0]));
  });
  return numbers.every(Number.isFinite) ? numbers : null;
}

// Does a guess name the value, to the digits typed (at least two)?
function agrees(words, value) {
  const guesses = typed(words) ?? [];
  const truths = [value].flat(Infinity);
  const digits = words.replace(/e.*|^[-−+0.]+|\D/g, "").length;
  const places = /[*×·/,; ]/.test(words) ? 3 : Math.min(Math.max(digits, 2), 15);
  return guesses.length === truths.length && guesses.every((guess, i) =>
    Number(guess.toPrecision(places)) === Number(Number(truths[i]).toPrecision(places)));
}

// Where a question says "about": is a guess within 15 per cent of the value?
function near(words, value) {
  const guess = typed(words)?.[0];
  return Math.abs(guess - value) <= 0.15 * Math.abs(value);
}

// The first word about such a guess.
function verdict({ guess, right, close }) {
  const words = right ? "Right. " : close ? `Close, with ${guess}. ` : `Not ${guess}. `;
  return html("b", { class: right || close ? "bpl-right" : "bpl-wrong" }, words);
}

// A question with one box for each value; reveal gets a list of { guess, right, close },
// or null when the learner skips. fields: [{ label, value }].
function prediction({ question, fields, reveal }) {
  const note = html("span", { class: "bpl-note", role: "status" });
  const check = () => {
    const bad = inputs.find((input) => typed(input.value) === null);
    if (bad) {
      note.textContent = "Type a number, such as -1.5 or 1/3; several with commas.";
      bad.focus();
      return;
    }
    reveal(inputs.map(({ value: guess }, i) => ({ guess,
      right: agrees(guess, fields[i].value), close: near(guess, fields[i].value) })));
  };
  // No form: JupyterLab lets none be submitted by the Enter key.
  const onkeydown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault();
    check();
  };
  const inputs = fields.map(() => html("input", { type: "text", autocomplete: "off", size: 9, onkeydown }));
  const boxes = fields.map(({ label }, i) => html("label", {}, `${label} `, inputs[i]));
  return html("div", { class: "bpl-prediction", role: "group", "aria-label": "Prediction" },
    html("span", { class: "bpl-question" }, question), boxes,
    button("Check", check, { class: "bpl-main" }), button("Skip", () => reveal(null)), note);
}

// Dark or light by what is really behind the text, whoever paints it.
function followTheme(root) {
  let stopped = false;
  const update = () => {
    if (stopped) return;
    if (!root.isConnected) { // JupyterLab shows a widget only after it was rendered
      requestAnimationFrame(update);
      return;
    }
    const [r, g, b] = getComputedStyle(root).backgroundColor.match(/[\d.]+/g).map(Number);
    root.classList.toggle("bpl-dark", 0.2126 * r + 0.7152 * g + 0.0722 * b < 128);
  };
  const query = matchMedia("(prefers-color-scheme: dark)");
  const observer = new MutationObserver(() => setTimeout(update, 50));
  for (const node of [document.documentElement, document.body]) {
    observer.observe(node, { attributes: true });
  }
  query.addEventListener("change", update);
  update();
  return () => {
    stopped = true;
    observer.disconnect();
    query.removeEventListener("change", update);
  };
}

const SLOW = "Python has not answered for 5 seconds: it is busy, or its kernel has stopped. " +
  "What is shown here still works; to change numbers, restart the kernel and run this cell again.";
const STILL = "Python computes this: open the notebook to change numbers.";

// One request at a time, each with a running number; the last one waiting wins.
function requester(model, root, say) {
  let sent = null, next = null, timers = [];
  const send = (request) => {
    sent = (model.get("request").n ?? 0) + 1;
    next = null;
    timers.push(
      setTimeout(() => root.classList.add("bpl-pending"), 250),
      setTimeout(() => { sent = null; say(SLOW); }, 5000));
    model.set("request", { ...request, n: sent });
    model.save_changes();
  };
  const settle = () => {
    timers.forEach(clearTimeout);
    timers = [];
    root.classList.remove("bpl-pending");
  };
  const answered = (n) => {
    if (sent !== null && n !== sent) return;
    sent = null;
    settle();
    if (next) send(next);
  };
  const ask = (request) => {
    if (model.still) say(STILL);
    else if (sent === null) send(request);
    else next = request;
  };
  return { ask, answered, settle };
}

// The frame around a view.  build(frame, trace) fills frame.root and returns a function
// that draws a new trace.  frame.say(words) fills frame.line, which screen readers speak
// and the view may place; frame.ask(request) goes to the Python model; frame.still is
// true on a page without Python.
function explorer(build) {
  return ({ model, el }) => {
    const problem = model.get("problem");
    const root = html("div", { class: "bpl-x", role: "group", "aria-label": model.get("title") });
    el.append(html("div", { class: `bpl-${VIEW}` }, root)); // holds the view's own style
    const untheme = followTheme(root);
    if (problem) {
      root.append(html("p", { role: "status" }, html("b", {}, `${model.get("title")}: `), problem));
      return untheme;
    }
    const line = html("p", { class: "bpl-line", "aria-live": "polite" });
    const text = html("pre");
    const body = html("div");
    const say = (words) => { line.textContent = words; };
    const { ask, answered, settle } = requester(model, root, say);
    root.append(body, html("details", {}, html("summary", {}, "As text"), text));
    const frame = { root: body, line, say, ask, still: Boolean(model.still) };
    const first = JSON.parse(model.get("trace"));
    const draw = build(frame, first);
    if (!line.parentNode) body.append(line);
    const update = () => {
      const trace = JSON.parse(model.get("trace"));
      text.textContent = trace.text;
      draw(trace);
      if (trace.refused) say(trace.refused);
      answered(trace.n);
    };
    text.textContent = first.text;
    model.on("change:trace", update);
    return () => {
      model.off("change:trace", update);
      settle();
      untheme();
    };
  };
}

// On a page without Python: a model that only holds what was written into the page.
function onPage(name, render, data) {
  const el = document.querySelector(`[data-explorer="${name}"]:empty`);
  const model = { still: true, get: (key) => data[key], set() {}, save_changes() {}, on() {}, off() {} };
  if (el) render({ model, el });
}
