// Delta flow: layers as columns; values go right, error signals come back.

const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);

const render = explorer((frame, first) => {
  const s = { t: first, n: first.example, sign: "modern", at: first.sizes.length, unit: null, source: null,
    kept: { before: [], latest: [] } };
  const L = last(s);
  let guess = null, drawn = null, picture;

  const story = html("p", { class: "story", "aria-live": "polite" });
  const outcome = html("p", { role: "status" });
  const start = button("To the start", () => go(L + 1)), before = button("Back", () => go(s.at + 1));
  const next = button("Next", () => go(s.at - 1), { class: "bpl-main" });
  const signs = [["modern", "δ = ∂L/∂Z"], ["classic", "δ = −∂L/∂Z"]].map(([key, label]) =>
    button(label, () => { s.sign = key; draw(); }, { "data-sign": key }));
  const example = html("input", { type: "number", min: 1, max: first.frames.length,
    onchange: () => turnTo(Number(example.value) - 1) });
  const row = html("div", { class: "bpl-row" }, start, before, next,
    html("span", { role: "group", "aria-label": "Sign of the error signal", class: "signs" }, signs),
    first.frames.length > 1 ? html("label", {}, "example ", example, ` of ${first.frames.length}`) : null);

  const units = html("select", { "aria-label": "Unit", onchange: () => choose(JSON.parse(units.value)) });
  const sources = html("select", { "aria-label": "Part of this unit",
    onchange: () => choose(s.unit, JSON.parse(sources.value)) });
  const change = slider({ label: "change it", min: -4, max: 4, step: 0.01, value: 0,
    oninput: (x) => frame.ask({ weight: weightPlace(), value: x }) });
  const changing = html("div", { class: "bpl-row" }, change.element, button("Reset", () => frame.ask({ reset: true })));
  const told = html("div", { class: "told" });
  const stage = html("div", { class: "bpl-stage" }), table = scroller("Matrix form");
  const left = html("div", {}, stage);
  const openers = html("div", { class: "bpl-row" });
  const question = firstQuestion(s, (said) => {
    guess = said;
    question.remove();
    go(L);
    next.focus();
  });
  frame.root.append(question, row, outcome, story, html("div", { class: "flow" }, left,
    html("div", { class: "panel" }, html("div", { class: "bpl-row" }, "Look at", units, sources), changing, told)));

  function go(stop) {
    s.at = Math.max(0, Math.min(L + 1, stop));
    if (s.at >= 1 && s.at <= L && s.unit && s.unit[0] !== s.at) choose(null);
    else draw();
    stage.scrollLeft = picture.middle(Math.min(s.at, L)) - stage.clientWidth / 2;
  }

  function turnTo(n) {
    if (s.t.frames[n]) draw({ ...s.t, example: n });
    else frame.ask({ example: n });
  }

  function choose(unit, source = null) {
    s.unit = unit;
    s.source = unit && unit[0] ? source : null;
    s.kept.before = s.kept.latest;
    draw();
  }

  const weightPlace = () => [s.unit[0], s.source < 0 ? -1 : s.t.shown[s.unit[0] - 1][s.source],
    s.t.shown[s.unit[0]][s.unit[1]]];

  function rebuild() {
    drawn = s.t.shown;
    picture = network(s, choose);
    stage.replaceChildren(picture.element);
    left.append(openers);
    (last(s) < 3 ? left : frame.root).append(table);
    units.replaceChildren(html("option", { value: "null" }, "nothing yet"), ...s.t.shown.flatMap((column, layer) =>
      column.map((_, i) => html("option", { value: `[${layer},${i}]` }, named(s, layer, i)))));
    openers.replaceChildren(...s.t.sizes.map((size, layer) => (unseen(s, layer) ? opener(layer, size) : null)).filter(Boolean));
  }

  function opener(layer, size) {
    const input = html("input", { type: "number", min: 1, max: size, value: number(s, layer, 0) });
    return html("label", {}, layer ? `layer ${layer}, unit ` : "input ", input, " ",
      button("Open", () => frame.ask({ open: [layer, Number(input.value) - 1] })));
  }

  function drawPanel() {
    const inner = s.unit && s.unit[0] > 0;
    units.value = JSON.stringify(s.unit);
    sources.hidden = !inner;
    if (inner) {
      const from = s.unit[0] > 1 ? "weight from unit" : "weight from input";
      sources.replaceChildren(html("option", { value: "null" }, "its δ"), html("option", { value: "-1" }, "its bias"),
        ...s.t.shown[s.unit[0] - 1].map((unit, j) => html("option", { value: j }, `${from} ${unit + 1}`)));
      sources.value = JSON.stringify(s.source);
    }
    changing.hidden = frame.still || s.source === null;
    if (!changing.hidden && document.activeElement !== change.input) {
      change.change(s.source < 0 ? s.t.b[s.unit[0]][s.unit[1]] : s.t.W[s.unit[0]][s.source][s.unit[1]]);
    }
    told.replaceChildren(...(!s.unit ? [aside("Click a unit to see which paths feed its δ. Click a line to see the factors of its weight.")]
      : s.source === null ? explainUnit(s, s.unit) : explainWeight(s, s.unit, s.source)).filter(Boolean));
    table.replaceChildren(...matrix(s, inner ? s.unit[0] : Math.min(L, Math.max(s.at, 1)), choose));
  }

  function draw(trace = s.t) {
    s.t = trace;
    s.n = trace.example;
    if (!same(drawn, trace.shown)) {
      s.unit = s.source = null;
      rebuild();
    }
    picture.paint();
    drawPanel();
    story.textContent = tell(s);
    outcome.hidden = !guess || s.at > guess.layer;
    if (guess) {
      set(outcome, { class: `outcome ${guess.right ? "bpl-right" : "bpl-wrong"}` });
      outcome.textContent = `You said ${guess.guess}. ${guess.right ? "Yes, it is" : "It is"} ${guess.truth}.`;
    }
    start.disabled = before.disabled = s.at > L;
    next.disabled = s.at === 0 || question.isConnected;
    next.textContent = s.at > 1 ? `Next: δ of layer ${s.at - 1}` : "Next: the update";
    signs.forEach((b) => set(b, { "aria-pressed": String(b.dataset.sign === s.sign) }));
    example.value = s.n + 1;
  }
  draw();
  return draw;
});
export default { render };
