// The gear train: every dial turns by its own nudge, so that growth can be seen.

const DIAL = 192, RADIUS = 46, TOP = 92, TEETH = 22;

// A point on a circle, degrees clockwise from the top.
function on(radius, degrees) {
  const a = (degrees - 90) * Math.PI / 180;
  return `${(radius * Math.cos(a)).toFixed(2)} ${(radius * Math.sin(a)).toFixed(2)}`;
}

function gearPath() {
  const step = 360 / TEETH;
  const corners = [];
  for (let k = 0; k < TEETH; k++) {
    const rim = [[RADIUS, 0.05], [RADIUS + 6, 0.2], [RADIUS + 6, 0.55], [RADIUS, 0.7]];
    corners.push(...rim.map(([radius, part]) => on(radius, (k + part) * step)));
  }
  return `M${corners.join("L")}Z`;
}

function wedge(degrees) {
  const turn = Math.min(Math.abs(degrees), 359.9) * Math.sign(degrees);
  const r = RADIUS - 5, large = Math.abs(turn) > 180 ? 1 : 0;
  return `M0 0L${on(r, 0)}A${r} ${r} 0 ${large} ${turn < 0 ? 0 : 1} ${on(r, turn)}Z`;
}

function drawDial(k, label) {
  const wheel = svg("g", { class: "wheel" }, svg("path", { d: gearPath() }), svg("path", { d: `M0 0V${-RADIUS}`, class: "hand" }));
  const swept = svg("path", { class: "swept" });
  const value = svg("text", { y: RADIUS + 30, class: "forward" });
  const moved = svg("text", { y: RADIUS + 52, class: "moved" });
  const group = svg("g", { transform: `translate(${DIAL * (k + 0.5)} ${TOP})` }, wheel, swept,
    svg("circle", { r: 4, class: "hub" }), svg("text", { y: -RADIUS - 22, class: "name" }, label), value, moved);
  return { group, wheel, swept, value, moved };
}

const render = explorer((frame, first) => {
  let trace = first, at = first.first, shown = false;
  const all = ["x", ...trace.labels];
  const dials = all.map((label, k) => drawDial(k, label));
  const factors = trace.labels.map((_, k) => svg("text", { x: DIAL * (k + 1), y: TOP - 8, class: "backward" }));
  const chain = trace.labels.map((_, k) => svg("path", { d: `M${DIAL * (k + 1) - 22} ${TOP + 6}h38l-6 -5v10l6 -5`, class: "chain" }));
  const width = DIAL * all.length, height = TOP + RADIUS + 66;
  const picture = svg("svg", { viewBox: `0 0 ${width} ${height}`, role: "img",
    style: `width:100%;max-width:${1.1 * width}px;min-width:${0.78 * width}px` },
    chain, factors, dials.map((dial) => dial.group));
  const question = html("div");
  const nudge = slider({ label: "Nudge x by", min: 0, max: trace.nudges.length - 1, step: 1, value: at,
    show: (i) => short(trace.nudges[i], true), oninput: (i) => { at = i; draw(); } });
  const start = slider({ label: "Start at x =", ...trace.range, value: trace.x,
    oninput: (x) => frame.ask({ x }) });
  const again = button("Ask me again", () => { shown = false; draw(); question.querySelector("input").focus(); });
  const controls = html("div", { class: "bpl-row" }, nudge.element, start.element, again);
  const stage = html("div", { class: "bpl-stage", tabindex: 0, role: "group", "aria-label": "Gears" }, picture);
  frame.root.append(stage, frame.line, question, controls);

  function reveal(guesses) {
    shown = true;
    draw();
    nudge.input.focus();
    stage.scrollTo({ left: stage.scrollWidth }); // on a phone, to the last gear
    if (guesses) frame.line.prepend(verdict(guesses[0]));
  }

  function ask() {
    const last = trace.names.at(-1);
    return prediction({
      question: `x is nudged by ${short(trace.nudges[at], true)}. By about how much does ${last} move?`,
      fields: [{ label: `${last} moves by`, value: trace.predicted[at] }], reveal,
    });
  }

  function draw(next = trace) {
    trace = next;
    const moves = trace.moves[at];
    dials.forEach((dial, k) => {
      const degrees = shown || k === 0 ? trace.turns[at][k] : 0;
      set(dial.wheel, { style: `transform:rotate(${degrees}deg)` });
      set(dial.swept, { d: wedge(degrees) });
      dial.value.textContent = short(trace.values[k]);
      dial.moved.textContent = shown || k === 0 ? short(moves[k], true) : "?";
    });
    factors.forEach((words, k) => { words.textContent = `× ${short(trace.factors[k])}`; });
    set(picture, { "aria-label": all.map((name, k) => `${name}: value ${short(trace.values[k])}` +
      (shown ? `, moves by ${short(moves[k], true)}` : "")).join("; ") });
    set(controls, { hidden: !shown });
    start.change(trace.x);
    frame.say(shown ? trace.says[at] : "Each gear passes the nudge on, times its factor.");
    question.replaceChildren(...(shown ? [] : [ask()]));
  }

  draw();
  return draw;
});

export default { render };
