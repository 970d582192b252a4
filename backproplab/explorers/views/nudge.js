// The nudge: every value moves; the curve and the straight line say by how much the loss does.

const PLOT = { width: 400, height: 270, left: 14, right: 14, top: 58, bottom: 34 };

function drawPlot() {
  const curve = svg("path", { class: "curve" }), line = svg("path", { class: "tangent" });
  const gap = svg("path", { class: "gap" }), dot = svg("circle", { r: 6, class: "dot" });
  const axes = svg("path", { class: "axes" });
  const ends = ["start", "end"].map((anchor) => svg("text", { y: PLOT.height - 8, "text-anchor": anchor,
    x: anchor === "start" ? PLOT.left : PLOT.width - PLOT.right }));
  const words = [svg("text", { class: "forward", y: 20 }), svg("text", { class: "backward", y: 40 })];
  const element = svg("svg", { viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: "img", class: "plot",
    "aria-label": "The loss as the nudge grows: the real curve, and the straight line of the slope" },
    axes, line, curve, gap, dot, ends, words);
  return { element, curve, line, gap, dot, axes, ends, words };
}

// From numbers to places: the range that holds the curve and the line near it.
function scales({ curve, nudges }) {
  const ends = [nudges[0].linear, nudges.at(-1).linear];
  const ys = [...curve.map(([, y]) => y), ...ends, 0].filter((y) => typeof y === "number");
  const low = Math.min(...ys), high = Math.max(...ys), wide = nudges.at(-1).epsilon;
  const x = (e) => PLOT.left + (e + wide) / (2 * wide) * (PLOT.width - PLOT.left - PLOT.right);
  const y = (v) => PLOT.top + (high - v) / ((high - low) || 1) * (PLOT.height - PLOT.top - PLOT.bottom);
  return { x, y };
}

const render = explorer((frame, first) => {
  let trace = first, at = first.first, shown = false;
  const { stage, boxes, edges, show } = drawGraph(trace, choose);
  const plot = drawPlot();
  const cells = html("tbody");
  const table = html("table", {}, html("thead", {}, html("tr", {},
    ["nudge", `${trace.nodes.at(-1).name} moves by`, "slope × nudge", "gap"].map((name) => html("th", { scope: "col" }, name)))), cells);
  const below = html("div", { class: "below" }, plot.element, html("div", { class: "bpl-stage" }, table));
  const question = html("div"), panel = html("div", { class: "bpl-row" });
  const nudge = slider({ label: "Nudge by", min: 0, max: trace.nudges.length - 1, step: 1, value: at,
    show: (i) => short(trace.nudges[i].epsilon, true), oninput: (i) => { at = i; draw(); } });
  const again = button("Ask me again", () => { shown = false; draw(); question.querySelector("input").focus(); });
  const controls = html("div", { class: "bpl-row" }, nudge.element, again);
  frame.root.append(stage, panel, frame.line, question, controls, below);

  function choose(id, entry = 0) {
    shown = false;
    frame.ask({ leaf: id, entry });
  }

  function reveal(guesses) {
    shown = true;
    draw();
    nudge.input.focus();
    show(trace.nodes.length - 1);
    if (guesses) frame.line.prepend(verdict(guesses[0]));
  }

  function drawChoice() {
    const { leaf, entry } = trace;
    const count = [trace.f[leaf]].flat(Infinity).length;
    const name = (k) => place(trace.nodes[leaf].name, trace.f[leaf], k);
    const places = Array.from({ length: Math.min(count, 400) }, (_, k) => k);
    const choice = html("select", { "aria-label": "Nudged number", onchange: () => choose(leaf, choice.selectedIndex) },
      places.map((k) => html("option", { selected: k === entry }, name(k))));
    panel.replaceChildren(html("span", {}, "Nudge"), choice, html("span", { class: "count" }, "or choose another input in the picture."));
  }

  function drawPlaces(now) {
    const { x, y } = scales(trace);
    const points = trace.curve.filter(([, v]) => typeof v === "number");
    const far = trace.nudges.at(-1), near = trace.nudges[0];
    set(plot.curve, { d: `M${points.map(([e, v]) => `${x(e)} ${y(v)}`).join("L")}` });
    set(plot.line, { d: `M${x(near.epsilon)} ${y(near.linear)}L${x(far.epsilon)} ${y(far.linear)}` });
    set(plot.axes, { d: `M${PLOT.left} ${y(0)}H${PLOT.width - PLOT.right}M${x(0)} ${PLOT.top}V${PLOT.height - PLOT.bottom}` });
    set(plot.gap, { d: `M${x(now.epsilon)} ${y(now.linear)}V${y(now.real)}` });
    set(plot.dot, { cx: x(now.epsilon), cy: y(now.real) });
    plot.ends[0].textContent = short(near.epsilon, true);
    plot.ends[1].textContent = short(far.epsilon, true);
  }

  function drawTable() {
    const rows = trace.nudges.filter((row) => typeof row.epsilon === "number" && row.epsilon > 0);
    cells.replaceChildren(...rows.reverse().map((row) => html("tr",
      { class: row === trace.nudges[at] ? "now" : false },
      [row.epsilon, row.real, row.linear, row.gap].map((v) => html("td", {}, short(v, true))))));
  }

  function draw(next = trace) {
    trace = next;
    const now = trace.nudges[at], loss = trace.nodes.at(-1).name;
    boxes.forEach((box, id) => {
      const { name, constant } = trace.nodes[id];
      const moved = shown || id === trace.leaf ? trace.moved[at][id] : "";
      setText(box.f, constant ? "" : bracketed(trace.f[id]));
      setText(box.g, constant ? "" : moved);
      box.group.classList.toggle("chosen", id === trace.leaf);
      set(box.group, { "aria-label": `${name}, value ${bracketed(trace.f[id])}${moved ? `, moves by ${moved}` : ""}` });
    });
    edges.forEach(({ group }, k) => group.classList.toggle("moving", shown && trace.carries[k]));
    drawChoice();
    drawPlaces(now);
    drawTable();
    plot.words[0].textContent = `${loss} moves by ${short(now.real, true)}`;
    plot.words[1].textContent = `slope × nudge = ${short(now.linear, true)}`;
    for (const part of [below, controls]) set(part, { hidden: !shown });
    frame.say(shown
      ? `${trace.chosen} moves by ${short(now.epsilon, true)}: the slope ${short(trace.slope)} promises ${short(now.linear, true)}, ` +
        `${loss} really moves by ${short(now.real, true)}, the gap is ${short(now.gap, true)}. ${trace.note}`
      : `The backward pass said: the slope of ${loss} by ${trace.chosen} is ${short(trace.slope)}.`);
    question.replaceChildren(...(shown ? [] : [prediction({
      question: `${trace.chosen} is nudged by ${short(now.epsilon, true)}. By about how much does ${loss} move?`,
      fields: [{ label: `${loss} moves by`, value: now.linear }], reveal })]));
  }

  draw();
  return draw;
});

export default { render };
