// Delta flow: layers as columns; values go right, error signals come back.

const WIDE = 118, HIGH = 50, ACROSS = 212, DOWN = 64, TOP = 40, LEFT = 6;
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const largest = (numbers) => Math.max(...numbers.flat(2).map(Math.abs), 1e-300);
const same = (a, b) => JSON.stringify(a) === JSON.stringify(b);
const is = (unit, layer, i) => unit !== null && unit[0] === layer && unit[1] === i;

// The picture is built once for the units shown; paint(s) then only changes it.
function network(s, choose) {
  const { t } = s, L = last(s), gap = (layer) => (unseen(s, layer) ? 0.7 : 0);
  const rows = Math.max(...t.shown.map((units, layer) => units.length + gap(layer)));
  const wide = 2 * LEFT + L * ACROSS + WIDE, high = TOP + rows * DOWN;
  const where = t.shown.map((units, layer) => units.map((_, i) =>
    [LEFT + layer * ACROSS, TOP + DOWN * ((rows - units.length - gap(layer)) / 2 + i)]));
  const note = (layer, y, words) => svg("text", { class: "faint", "text-anchor": "middle",
    x: LEFT + layer * ACROSS + WIDE / 2, y }, words);
  let focus = [L, 0];

  function box(layer, i, [x, y]) {
    const right = { "text-anchor": "end", x: x + WIDE - 8 };
    const a = svg("text", { ...right, y: y + 19, class: "forward" });
    const d = svg("text", { ...right, y: y + 37, class: "backward" });
    const bar = svg("rect", { y: y + HIGH - 7, height: 4, rx: 2 });
    const group = svg("g", { role: "button", tabindex: -1,
      onclick: () => choose([layer, i]), onkeydown: (event) => walk(event, layer, i), onfocus: () => { focus = [layer, i]; } },
    svg("rect", { x, y, width: WIDE, height: HIGH, rx: 8 }),
    svg("text", { x: x + 8, y: y + 19, class: "faint" }, `${number(s, layer, i)}`), a, d, bar);
    return { group, a, d, bar, middle: x + WIDE / 2 };
  }

  function edge(layer, j, i) {
    const [x1, y1] = where[layer - 1][j], [x2, y2] = where[layer][i];
    const d = `M${x1 + WIDE} ${y1 + HIGH / 2} L${x2} ${y2 + HIGH / 2}`, part = i % 2 ? 0.72 : 0.28;
    const path = svg("path", { d }), label = svg("text", { "text-anchor": "middle" });
    const group = svg("g", { class: "edge" }, path, svg("path", { d, class: "hit", onclick: () => choose([layer, i], j) }));
    const put = (share) => set(label, { x: x1 + WIDE + share * (x2 - x1 - WIDE), y: y1 + HIGH / 2 + share * (y2 - y1) + 4 });
    return { layer, j, i, path, label, group, put, part };
  }

  function walk(event, layer, i) {
    if (event.key === "Enter" || event.key === " ") choose([layer, i]);
    else if (ARROWS[event.key]) {
      const to = Math.max(0, Math.min(L, layer + ARROWS[event.key][0]));
      const row = Math.max(0, Math.min(boxes[to].length - 1, i + ARROWS[event.key][1]));
      set(boxes[layer][i].group, { tabindex: -1 });
      set(boxes[to][row].group, { tabindex: 0 });
      boxes[to][row].group.focus();
    } else return;
    event.preventDefault();
  }

  const boxes = where.map((column, layer) => column.map((place, i) => box(layer, i, place)));
  const edges = where.map((column, layer) => (layer
    ? where[layer - 1].flatMap((_, j) => column.map((__, i) => edge(layer, j, i))) : []));
  const heads = t.sizes.map((_, layer) => note(layer, 20, layer ? `layer ${layer}${layer === L ? ", output" : ""}` : "inputs"));
  const more = t.sizes.map((_, layer) => (unseen(s, layer)
    ? note(layer, where[layer].at(-1)[1] + HIGH + 22, `… and ${unseen(s, layer)} more`) : null)).filter(Boolean);
  const element = svg("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, role: "group", "aria-label": "The network" },
    heads, more, edges.flat().map((e) => e.group), edges.flat().map((e) => e.label), boxes.flat().map((b) => b.group));

  function paintBox(node, layer, i, scale) {
    const x = now(s).A[layer][i], d = known(s, layer) ? back(s).delta[layer][i] : null;
    const chosen = is(s.unit, layer, i), long = d === null ? 0 : (Math.abs(d) / scale) * (WIDE / 2 - 8);
    node.a.textContent = short(x);
    node.d.textContent = d === null ? "" : `δ ${short(d, true)}`;
    set(node.bar, { x: d < 0 ? node.middle - long : node.middle, width: long, class: d < 0 ? "bar negative" : "bar" });
    set(node.group, { class: `unit${chosen ? " chosen" : ""}${layer && layer === s.at ? " fresh" : ""}`,
      "aria-pressed": String(chosen), tabindex: is(focus, layer, i) ? 0 : -1,
      "aria-label": `${named(s, layer, i)}: value ${short(x)}${d === null ? "" : `, error signal ${short(d, true)}`}` });
  }

  // The lines of one layer: as thick as what they bring back, or as their weight.
  function paintEdges(layer) {
    const W = s.t.W[layer], few = W.length * W[0].length <= 6, backward = layer > 1 && known(s, layer - 1);
    const carried = backward ? back(s).paths[layer - 1] : W, most = largest(carried);
    edges[layer].forEach((one) => paintEdge(one, W, carried, few, backward, most));
  }

  function paintEdge(one, W, carried, few, backward, most) {
    const { layer, j, i, path, label, put, part } = one;
    const mine = s.source !== null && s.source === j && is(s.unit, layer, i);
    const feeds = backward && s.source === null && is(s.unit, layer - 1, j);
    const carries = !s.unit && layer - 1 === s.at && s.at > 0;
    const kind = mine ? "mine" : feeds || carries ? "back" : s.unit ? "quiet" : "";
    const width = mine ? 3 : 0.6 + (2.6 * Math.abs(carried[j][i])) / most;
    const words = feeds ? short(carried[j][i], true) : mine || few ? short(W[j][i]) : "";
    const look = `${kind} ${width} ${words}`;
    if (one.look === look) return; // most lines stay as they are
    one.look = look;
    set(path, { class: kind, "stroke-width": width });
    put(feeds ? 0.5 : part);
    label.textContent = words;
    set(label, { class: feeds ? "on-line backward" : mine ? "on-line forward" : "on-line" });
  }

  function paint() {
    const scale = largest(back(s).delta);
    boxes.forEach((column, layer) => column.forEach((node, i) => paintBox(node, layer, i, scale)));
    for (let layer = 1; layer <= L; layer++) paintEdges(layer);
  }
  const middle = (layer) => LEFT + layer * ACROSS + WIDE / 2;
  return { element, paint, middle };
}

const render = explorer((frame, first) => {
  const s = { t: first, n: first.example, sign: "modern", at: first.sizes.length, unit: null, source: null,
    kept: { before: [], latest: [] } };
  const L = last(s);
  let guess = null, drawn = null, picture;

  const story = html("p", { class: "story", "aria-live": "polite" });
  const outcome = html("p", { role: "status" });
  const before = button("Back", () => go(s.at + 1));
  const next = button("Next", () => go(s.at - 1), { class: "bpl-main" });
  const signs = [["modern", "δ = ∂L/∂Z"], ["classic", "δ = −∂L/∂Z"]].map(([key, label]) =>
    button(label, () => { s.sign = key; draw(); }, { "data-sign": key }));
  const example = html("input", { type: "number", min: 1, max: first.frames.length,
    onchange: () => turnTo(Number(example.value) - 1) });
  const row = html("div", { class: "bpl-row" }, before, next,
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
    before.disabled = s.at > L;
    next.disabled = s.at === 0 || question.isConnected;
    next.textContent = s.at > 1 ? `Next: δ of layer ${s.at - 1}` : "Next: the update";
    signs.forEach((b) => set(b, { "aria-pressed": String(b.dataset.sign === s.sign) }));
    example.value = s.n + 1;
  }
  draw();
  return draw;
});
export default { render };
