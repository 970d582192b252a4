// The graph stepper: every step was computed by Python; here it is asked for and drawn.

const BOX = 42;

function drawBox(node, id, choose) {
  const { x, y, width, name, symbol, leaf, constant } = node;
  const rect = svg("rect", { x: x - width / 2, y: y - BOX / 2, width, height: BOX, rx: 8 });
  const words = symbol
    ? [svg("text", { x, y: y - 3, class: "name" }, name), svg("text", { x, y: y + 14, class: "op" }, symbol)]
    : [svg("text", { x, y: y + 5, class: "name" }, name)];
  const f = svg("text", { x, y: y - 29, class: "forward" });
  const g = svg("text", { x, y: y + 40, class: "backward" });
  const open = leaf && !constant && { tabindex: 0, role: "button", onclick: () => choose(id),
    onkeydown: (event) => {
      if (event.key !== "Enter" && event.key !== " ") return;
      event.preventDefault();
      choose(id);
    } };
  const group = svg("g", { class: `node${leaf ? " leaf" : ""}${constant ? " constant" : ""}`, ...open },
    rect, words, f, g);
  return { group, f, g };
}

function drawEdge({ path, start, end, label }) {
  const head = ([x, y], way) => svg("path", { d: `M${x} ${y}l${-9 * way} -5v10z`, class: "head" });
  const words = svg("text", { x: label[0], y: label[1] + 5, class: "backward label" });
  const group = svg("g", { class: "edge" }, svg("path", { d: path }),
    svg("g", { class: "ahead" }, head(end, 1)), svg("g", { class: "back" }, head(start, -1)));
  return { group, words };
}

// What stands at every node after ``position`` steps.
function valuesAt(trace, order, position) {
  const f = { ...trace.leaves }, g = {}, used = new Set();
  const steps = [...trace.forward, ...trace[order]];
  for (const step of steps.slice(0, position)) {
    if ("f" in step) f[step.node] = step.f;
    else Object.assign(g, step.g);
    for (const { edge } of step.edges ?? []) used.add(edge);
  }
  return { f, g, used, steps };
}

const render = explorer((frame, first) => {
  let trace = first, order = "right", position = 0, chosen = null;

  const boxes = trace.nodes.map((node, id) => drawBox(node, id, choose));
  const edges = trace.edges.map(drawEdge);
  const picture = svg("svg", { viewBox: `0 0 ${trace.width} ${trace.height}`, role: "group",
      "aria-label": "Computation graph", style: `width:100%;max-width:${trace.width}px;min-width:${0.82 * trace.width}px` },
    edges.map((edge) => edge.group), boxes.map((box) => box.group), edges.map((edge) => edge.words));
  const stage = html("div", { class: "bpl-stage" }, picture);

  const question = html("div", { class: "question" });
  const count = html("span", { class: "count" });
  const go = (where) => () => { position = where(); draw(); };
  const last = () => trace.forward.length + trace[order].length;
  const buttons = {
    first: button("|◀", go(() => 0), { "aria-label": "First step" }),
    back: button("◀", go(() => position - 1), { "aria-label": "One step back" }),
    next: button("▶", go(() => position + 1), { "aria-label": "Next step" }),
    last: button("▶|", go(last), { "aria-label": "Last step" }),
  };
  const turn = button("Go back at the loss", go(() => trace.forward.length));
  const orders = ["right", "naive"].map((name) => button(
    name === "right" ? "after all users" : "at once (naive)", () => {
      const phase = position <= trace.forward.length ? position : trace.forward.length;
      order = name;
      position = phase;
      draw();
    }));
  const leaf = html("div", { class: "leaf-panel" });
  frame.root.append(stage, frame.line, question,
    html("div", { class: "bpl-row" }, Object.values(buttons), count),
    html("div", { class: "bpl-row" }, html("span", {}, "A node passes back"), orders), leaf);

  function choose(id) {
    chosen = id;
    const { name } = trace.nodes[id];
    const values = [trace.leaves[id]].flat(Infinity).slice(0, 6);
    const sliders = values.map((value, entry) => slider({
      label: values.length > 1 ? `${name}[${entry}]` : name, min: -6, max: 6, step: 0.1, value,
      oninput: (number) => frame.ask({ leaf: id, entry, value: number }),
    }));
    leaf.replaceChildren(html("div", { class: "bpl-row" }, html("span", {}, `Change ${name}:`),
      sliders.map((s) => s.element)));
    sliders[0].input.focus();
    draw();
  }

  function reveal(step) {
    return (guesses) => {
      position += 1;
      draw();
      (question.querySelector("input") ?? buttons.next).focus();
      if (!guesses) return;
      const wrong = guesses.filter((guess) => !guess.right).map(({ guess }) => guess);
      frame.say(wrong.length ? `Not ${wrong.join(" and ")}. ${step.says}` : `Yes. ${step.says}`);
      frame.line.classList.toggle("missed", wrong.length > 0);
    };
  }

  function draw(next = trace) {
    trace = next;
    const { f, g, used, steps } = valuesAt(trace, order, position);
    const done = position > 0 ? steps[position - 1] : null;
    const coming = steps[position];
    const lit = new Map((done?.edges ?? []).map(({ edge, label }) => [edge, label]));
    boxes.forEach(({ group, f: above, g: below }, id) => {
      above.textContent = id in f ? bracketed(f[id]) : "";
      below.textContent = id in g ? bracketed(g[id], true) : "";
      group.classList.toggle("active", done?.node === id);
      group.classList.toggle("early", done?.node === id && Boolean(done.early));
      group.classList.toggle("chosen", chosen === id);
      set(group, { "aria-label": describe(id, f, g) });
    });
    edges.forEach(({ group, words }, edge) => {
      group.classList.toggle("sent", used.has(edge));
      group.classList.toggle("lit", lit.has(edge));
      words.textContent = lit.get(edge) ?? "";
    });
    set(buttons.first, { disabled: position === 0 });
    set(buttons.back, { disabled: position === 0 });
    set(buttons.next, { disabled: !coming });
    set(buttons.last, { disabled: !coming });
    orders.forEach((b, i) => set(b, { "aria-pressed": String(order === ["right", "naive"][i]) }));
    const phase = position < trace.forward.length ? "forward" : "backward";
    count.textContent = `step ${position} of ${steps.length}, ${phase}`;
    frame.line.classList.remove("missed");
    frame.say(done ? done.says : "Only the inputs have values. What comes next?");
    question.replaceChildren(...(coming ? [ask(coming)] : []));
  }

  function ask(step) {
    return prediction({ question: "Predict:", fields: step.fields, reveal: reveal(step) });
  }

  function describe(id, f, g) {
    const value = id in f ? `, value ${bracketed(f[id])}` : "";
    return `${trace.nodes[id].name}${value}${id in g ? `, gradient ${bracketed(g[id])}` : ""}`;
  }

  draw();
  return draw;
});

export default { render };
