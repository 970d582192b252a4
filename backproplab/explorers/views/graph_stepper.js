// The graph stepper: every step was computed by Python; here it is asked for and drawn.

const ORDERS = { right: "when all its users have reported", naive: "at once, with what it has" };

// "upstream × local" on the edge; on two lines where it is long.
function write(words, label) {
  if (words.dataset.label === label) return; // most labels stay as they are
  words.dataset.label = label;
  const cut = label.length > 11 ? label.search(/ [×⊙·]/) : -1;
  const lines = cut < 0 ? [label] : [label.slice(0, cut), label.slice(cut + 1)];
  const x = words.getAttribute("x");
  words.replaceChildren(...lines.map((line, i) =>
    svg("tspan", { x, dy: i ? 17 : 8 - 8 * lines.length }, line)));
}

// What stands at every node after ``position`` steps; "?" where the next step writes.
function valuesAt(trace, order, position) {
  const f = { ...trace.leaves }, g = {}, used = new Set();
  const steps = [...trace.forward, ...trace[order]];
  for (const step of steps.slice(0, position)) {
    if ("f" in step) f[step.node] = step.f;
    else Object.assign(g, step.g);
    for (const { edge } of step.edges ?? []) used.add(edge);
  }
  return { f, g, used, steps, done: steps[position - 1], coming: steps[position] };
}

function written(values, id, asked, sign) {
  const words = id in values ? bracketed(values[id], sign) : "";
  return asked ? `${words} ?`.trim() : words;
}

// A range around a value for its slider, in round numbers.
function around(value) {
  const size = typeof value === "number" ? Math.max(1, 2 * Math.abs(value)) : 1;
  const power = 10 ** Math.floor(Math.log10(size));
  const max = power * [1, 2, 5, 10].find((k) => k * power >= size);
  return { min: -max, max, step: max / 100 };
}

const render = explorer((frame, first) => {
  let trace = first, order = "right", position = 0, chosen = null;
  const turn = trace.forward.length;

  const { stage, boxes, edges, show } = drawGraph(trace, choose);

  const go = (to) => () => { position = to(); draw(); };
  const end = () => turn + trace[order].length;
  const buttons = {
    first: button("|◀", go(() => 0), { "aria-label": "First step" }),
    back: button("◀", go(() => position - 1), { "aria-label": "One step back" }),
    next: button("▶", go(() => position + 1), { "aria-label": "Next step" }),
    last: button("▶|", go(() => (position < turn ? turn : end())), { "aria-label": "Last step of this pass" }),
  };
  const count = html("span", { class: "count" });
  const question = html("div", { class: "question" });
  const orders = Object.entries(ORDERS).map(([name, words]) => button(words, () => {
    order = name;
    position = Math.min(position, turn);
    draw();
  }));
  const panel = html("div", { class: "bpl-row" });
  const hint = html("span", { class: "count" }, "Choose an input, by a click or with Tab and Enter, to change its value.");
  panel.append(hint);
  const controls = html("div", { class: "bpl-row" }, Object.values(buttons), count);
  controls.addEventListener("keydown", (event) => {
    const key = { ArrowLeft: buttons.back, ArrowRight: buttons.next }[event.key];
    if (key && !key.disabled) key.click();
  });
  frame.root.append(stage, frame.line, question, controls, panel,
    html("div", { class: "bpl-row" }, html("span", {}, "Each node passes back"), orders));

  function choose(id) {
    chosen = id;
    const { name } = trace.nodes[id];
    const values = [trace.leaves[id]].flat(Infinity);
    const sliders = values.slice(0, 6).map((value, entry) => slider({
      ...around(value), value, label: place(name, trace.leaves[id], entry),
      oninput: (number) => frame.ask({ leaf: id, entry, value: number }),
    }));
    panel.replaceChildren(...sliders.map((s) => s.element));
    sliders[0].input.focus();
    draw();
  }

  function reveal(guesses) {
    const asked = trace.forward.concat(trace[order])[position];
    position += 1;
    draw();
    (question.querySelector("input") ?? buttons.back).focus();
    if (!guesses) return;
    const wrong = guesses.filter((guess) => !guess.right).map(({ guess }) => guess);
    frame.line.prepend(html("b", { class: wrong.length ? "bpl-wrong" : "bpl-right" },
      wrong.length ? `Not ${wrong.join(", ")}. ` : "Right. "));
    if (asked.early) frame.line.classList.add("bpl-wrong");
  }

  function draw(next = trace) {
    trace = next;
    const { f, g, used, steps, done, coming } = valuesAt(trace, order, position);
    const lit = new Map((done?.edges ?? []).map(({ edge, label }) => [edge, label]));
    boxes.forEach((box, id) => {
      const { name, constant } = trace.nodes[id];
      setText(box.f, constant ? "" : written(f, id, coming?.node === id && "f" in coming));
      setText(box.g, written(g, id, coming && id in (coming.g ?? {}), true));
      const active = done?.node === id;
      box.group.classList.toggle("ahead", active && "f" in done);
      box.group.classList.toggle("back", active && "g" in done);
      box.group.classList.toggle("early", active && Boolean(done.early));
      box.group.classList.toggle("chosen", chosen === id);
      set(box.group, { "aria-label": name + (id in f ? `, value ${bracketed(f[id])}` : "") +
        (id in g ? `, gradient ${bracketed(g[id])}` : "") });
    });
    if (done) show(...Object.keys(done.g ?? {}), done.node);
    edges.forEach(({ group, words }, edge) => {
      group.classList.toggle("sent", used.has(edge));
      group.classList.toggle("lit", lit.has(edge));
      write(words, lit.get(edge) ?? "");
    });
    for (const name of ["first", "back"]) set(buttons[name], { disabled: position === 0 });
    for (const name of ["next", "last"]) set(buttons[name], { disabled: !coming });
    orders.forEach((b, i) => set(b, { "aria-pressed": String(order === Object.keys(ORDERS)[i]) }));
    count.textContent = `Step ${position} of ${steps.length}: ${position <= turn ? "forward" : "backward"}`;
    const ending = !coming && order === "naive" ? ` ${trace.ending}` : "";
    frame.say(done ? done.says + ending : "Only the inputs have values. Predict each number before you see it.");
    frame.line.classList.toggle("bpl-wrong", Boolean(done?.early));
    question.replaceChildren(...(coming?.fields.length
      ? [prediction({ question: "Predict:", fields: coming.fields, reveal })] : []));
  }

  draw();
  return draw;
});

export default { render };
