// A computation graph as Python laid it out: boxes, edges, and room for two numbers each.

const BOX = 42;

function drawBox({ x, y, width, name, symbol, leaf, constant }, choose) {
  const rect = svg("rect", { x: x - width / 2, y: y - BOX / 2, width, height: BOX, rx: 9 });
  const words = [svg("text", { x, y: symbol ? y - 3 : y + 5, class: "name" }, name)];
  if (symbol) words.push(svg("text", { x, y: y + 14, class: "op" }, symbol));
  const f = svg("text", { x, y: y - 29, class: "forward" });
  const g = svg("text", { x, y: y + 40, class: "backward" });
  const onkeydown = (event) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    choose();
  };
  const open = leaf && !constant ? { tabindex: 0, role: "button", onclick: choose, onkeydown } : { role: "img" };
  const kind = `node${leaf ? " leaf" : ""}${constant ? " constant" : ""}`;
  return { group: svg("g", { class: kind, ...open }, rect, words, f, g), f, g };
}

function drawEdge({ path, start, end, label }) {
  const head = ([x, y], way) => svg("path", { d: `M${x} ${y}l${-9 * way} -5v10z`, class: "head" });
  const words = svg("text", { x: label[0], y: label[1] + 5, class: "backward label" });
  const group = svg("g", { class: "edge" }, svg("path", { d: path }),
    svg("g", { class: "ahead" }, head(end, 1)), svg("g", { class: "back" }, head(start, -1)));
  return { group, words };
}

// Where an entry stands: w[1], W[0, 2].
function place(name, value, entry) {
  if (!Array.isArray(value)) return name;
  const across = Array.isArray(value[0]) ? value[0].length : null;
  return `${name}[${across ? `${Math.floor(entry / across)}, ${entry % across}` : entry}]`;
}

// The whole picture in a frame that scrolls sideways; choose(id) hears about leaves.
function drawGraph(trace, choose) {
  const boxes = trace.nodes.map((node, id) => drawBox(node, () => choose(id)));
  const edges = trace.edges.map(drawEdge);
  const picture = svg("svg", { viewBox: `0 0 ${trace.width} ${trace.height}`, role: "group", "aria-label": "Computation graph",
      style: `width:100%;max-width:${trace.width}px;min-width:${0.82 * trace.width}px` },
    edges.map((edge) => edge.group), boxes.map((box) => box.group), edges.map((edge) => edge.words));
  const stage = html("div", { class: "bpl-stage" }, picture);
  // Scroll sideways, never the page, so that these nodes are seen, the first one surely.
  const show = (...ids) => {
    const size = picture.clientWidth / trace.width, room = stage.clientWidth;
    const xs = ids.map((id) => trace.nodes[id].x * size), ends = [Math.min(...xs), Math.max(...xs)];
    const middle = ends[1] - ends[0] < 0.7 * room ? (ends[0] + ends[1]) / 2 : xs[0];
    if (stage.scrollWidth > room) stage.scrollTo({ left: middle - room / 2 });
  };
  return { stage, boxes, edges, show };
}
