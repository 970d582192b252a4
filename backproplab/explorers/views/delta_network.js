// Delta flow's picture: a column of boxes for each layer, a line for each weight.

const WIDE = 126, HIGH = 50, ACROSS = 206, DOWN = 64, TOP = 40, LEFT = 6, FEW = 6; // labels on every line of a layer
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const LABEL = { wide: 54, high: 15 }, SPOTS = [0.5, 0.28, 0.72, 0.18, 0.82, 0.4, 0.6];

const largest = (numbers) => Math.max(...numbers.flat(2).map(Math.abs), 1e-300);
const is = (unit, layer, i) => unit !== null && unit[0] === layer && unit[1] === i;

// Where along its line each label stands, so that no other line or label runs through it.
function spread(lines) {
  const placed = [];
  for (const line of lines) {
    const at = (share) => [line.x1 + share * (line.x2 - line.x1), line.y1 + share * (line.y2 - line.y1)];
    const crowd = (share) => {
      const [x, y] = at(share);
      const near = (other) => {
        const level = other.y1 + (x - other.x1) / (other.x2 - other.x1) * (other.y2 - other.y1);
        return Math.max(0, 1 - Math.abs(level - y) / LABEL.high);
      };
      const over = ([left, top]) => Math.max(0, 1 - Math.abs(left - x) / LABEL.wide) * Math.max(0, 1 - Math.abs(top - y) / LABEL.high);
      return lines.filter((other) => other !== line).reduce((sum, other) => sum + near(other), 0)
        + placed.reduce((sum, spot) => sum + 3 * over(spot), 0);
    };
    line.part = SPOTS.reduce((best, share) => (crowd(share) < crowd(best) - 0.05 ? share : best));
    placed.push(at(line.part));
  }
}

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
    const line = { x1: x1 + WIDE, y1: y1 + HIGH / 2, x2, y2: y2 + HIGH / 2 };
    const d = `M${line.x1} ${line.y1} L${line.x2} ${line.y2}`;
    const path = svg("path", { d }), label = svg("text", { "text-anchor": "middle" });
    const group = svg("g", { class: "edge" }, path, svg("path", { d, class: "hit", onclick: () => choose([layer, i], j) }));
    const put = (share) => set(label, { x: line.x1 + share * (line.x2 - line.x1), y: line.y1 + share * (line.y2 - line.y1) + 4 });
    return { layer, j, i, path, label, group, put, line };
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
  edges.filter((column) => column.length <= FEW).forEach((column) => spread(column.map((one) => one.line)));
  const heads = t.sizes.map((_, layer) => note(layer, 20, layer ? `layer ${layer}${layer === L ? ", output" : ""}` : "inputs"));
  const more = t.sizes.map((_, layer) => (unseen(s, layer)
    ? note(layer, where[layer].at(-1)[1] + HIGH + 22, `… and ${unseen(s, layer)} more`) : null)).filter(Boolean);
  const element = svg("svg", { width: wide, height: high, viewBox: `0 0 ${wide} ${high}`, role: "group", "aria-label": "The network" },
    heads, more, edges.flat().map((e) => e.group), edges.flat().map((e) => e.label), boxes.flat().map((b) => b.group));

  function paintBox(node, layer, i, scale) {
    const x = now(s).A[layer][i], d = known(s, layer) ? back(s).delta[layer][i] : null;
    const chosen = is(s.unit, layer, i), long = d === null ? 0 : (Math.abs(d) / scale) * (WIDE / 2 - 8);
    setText(node.a, short(x));
    setText(node.d, d === null ? "" : `δ ${short(d, true)}`);
    set(node.bar, { x: d < 0 ? node.middle - long : node.middle, width: long, class: d < 0 ? "bar negative" : "bar" });
    set(node.group, { class: `unit${chosen ? " chosen" : ""}${layer && layer === s.at ? " fresh" : ""}`,
      "aria-pressed": String(chosen), tabindex: is(focus, layer, i) ? 0 : -1,
      "aria-label": `${named(s, layer, i)}: value ${short(x)}${d === null ? "" : `, error signal ${short(d, true)}`}` });
  }

  // The lines of one layer: as thick as what they bring back, or as their weight.
  function paintEdges(layer) {
    const W = s.t.W[layer], few = W.length * W[0].length <= FEW, backward = layer > 1 && known(s, layer - 1);
    const carried = backward ? back(s).paths[layer - 1] : W, most = largest(carried);
    edges[layer].forEach((one) => paintEdge(one, W, carried, few, backward, most));
  }

  function paintEdge(one, W, carried, few, backward, most) {
    const { layer, j, i, path, label, put, line } = one;
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
    put(feeds ? 0.5 : line.part ?? (i % 2 ? 0.72 : 0.28));
    setText(label, words);
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
