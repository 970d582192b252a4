// The network of the training desk: each hidden unit shows its value over the plane.

const POINTS = ["circle", "square", "triangle", "diamond"];
const MOST_UNITS = 8, HALF = 18, HIGH_NET = 356;

function drawNetwork(net, trace, wide, choose) {
  const shown = trace.sizes.map((count) => Math.min(count, MOST_UNITS));
  const places = shown.map((count, layer) => Array.from({ length: count }, (_, k) =>
    [22 + (wide - 44) * layer / (shown.length - 1), HIGH_NET * (k + 0.5) / count]));
  set(net, { viewBox: `0 0 ${wide} ${HIGH_NET}`, width: wide, height: HIGH_NET });
  net.replaceChildren(...weightLines(trace, places, choose));
  places.forEach((column, layer) => column.forEach(([x, y], k) => net.append(...unitBox(trace, x, y, layer, k))));
  trace.sizes.forEach((count, layer) => {
    if (count > MOST_UNITS) {
      const x = places[layer][0][0];
      net.append(svg("text", { class: "desk-word", x, y: HIGH_NET - 2, "text-anchor": "middle" }, `+ ${count - MOST_UNITS}`));
    }
  });
}

// One line for each weight, as wide as it is large; above all a wider one to click.
function weightLines(trace, places, choose) {
  const largest = Math.max(...trace.weights.flat(2).map((w) => Math.abs(Number(w)) || 0), 1e-9);
  const [name, row, column] = trace.weight, edges = [], hits = [];
  trace.weights.forEach((W, layer) => W.forEach((line, i) => line.forEach((w, j) => {
    if (!places[layer][i] || !places[layer + 1][j]) return;
    const [x1, y1] = places[layer][i], [x2, y2] = places[layer + 1][j];
    const here = `W${layer + 1}`, chosen = name === here && i === row && j === column;
    const ends = { x1: x1 + HALF, y1, x2: x2 - HALF, y2 };
    if (chosen) edges.push(svg("line", { class: "desk-chosen", ...ends }));
    edges.push(svg("line", { class: `desk-edge ${w < 0 ? "desk-minus" : "desk-plus"}`, ...ends, "stroke-dasharray": w < 0 ? "4 4" : null,
      "stroke-width": 0.4 + 3.2 * Math.abs(Number(w) || 0) / largest, "stroke-opacity": chosen ? 1 : 0.7 }));
    hits.push(svg("line", { class: "desk-hit", ...ends, onclick: () => choose(here, i, j) },
      svg("title", {}, `${here}[${i},${j}] = ${short(w)}`)));
  })));
  return [...edges, ...hits];
}

function unitBox(trace, x, y, layer, k) {
  const area = { x: x - HALF, y: y - HALF, width: 2 * HALF, height: 2 * HALF };
  const box = svg("rect", { class: "desk-unit", ...area, rx: 5 });
  if (layer === 0) return [box, svg("text", { x, y: y + 5, "text-anchor": "middle" }, `x${"₁₂"[k] ?? ""}`)];
  if (layer === trace.sizes.length - 1) return [box, mark(POINTS[k] ?? "circle", x, y, { fill: trace.colours[k] ?? "gray" })];
  return [box, svg("image", { ...area, href: trace.units[layer - 1][k], preserveAspectRatio: "none" })];
}
