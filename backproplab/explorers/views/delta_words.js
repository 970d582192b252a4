// Delta flow in words and tables.  ``s`` is what is looked at: { t: trace, n: example,
// sign, at: signals are shown for layers >= at, unit: [layer, place], source, kept }.

const last = (s) => s.t.sizes.length - 1;
const now = (s) => s.t.frames[s.n];
const back = (s) => now(s)[s.sign];
const number = (s, layer, i) => s.t.shown[layer][i] + 1;
const known = (s, layer) => layer >= 1 && layer >= s.at;
const unseen = (s, layer) => s.t.sizes[layer] - s.t.shown[layer].length;
const minus = (s) => (s.sign === "classic" ? "−" : "");
const named = (s, layer, i) => (layer ? `unit ${number(s, layer, i)} of layer ${layer}` : `input ${number(s, 0, i)}`);
const value = (x) => html("span", { class: "forward" }, short(x));
const signal = (x) => html("span", { class: "backward" }, short(x, true));
const line = (...words) => html("p", {}, ...words);
const aside = (...words) => html("p", { class: "faint" }, ...words);

// A letter with its layer above and its unit below.
function symbol(letter, layer, below = null) {
  return html("span", { class: "sym" }, letter, below === null ? html("sup", {}, `(${layer})`)
    : html("span", { class: "up" }, html("sup", {}, `(${layer})`), html("sub", {}, `${below}`)));
}

function weightSymbol(s, layer, j, i) {
  const [a, b] = [number(s, layer - 1, j), number(s, layer, i)];
  return symbol("W", layer, a > 9 || b > 9 ? `${a},${b}` : `${a}${b}`);
}

const downstream = (s, layer, i) => [html("span", {}, "Σ"), html("sub", {}, "m"), " ",
  symbol("W", layer + 1, `${number(s, layer, i)}m`), " ", symbol("δ", layer + 1, "m")];
const outputSlope = (s, i = null) => [`${minus(s)}∂L/∂`, symbol("A", last(s), i === null ? null : number(s, last(s), i))];

function firstQuestion(s, answered) {
  const L = last(s), race = L > 1 && s.t.sizes[1] > 1 && !unseen(s, 1);
  const truth = race ? back(s).strongest[1] + 1 : back(s).delta[L][0];
  return prediction({
    question: race ? "Predict: which unit of layer 1 will get the largest |δ|?"
      : `Predict δ = ∂L/∂Z of ${named(s, L, 0)}. The loss is called ${s.t.loss.replaceAll("_", " ")}.`,
    fields: [{ label: race ? "unit" : "δ =", value: truth }],
    reveal: (said) => answered(said && { ...said[0], layer: race ? 1 : L, truth: race ? `unit ${truth}` : short(truth, true) }),
  });
}

function tell(s) {
  const slope = "its own slope h′(Z)", L = last(s);
  if (s.at > L) return `Forward is done: every value is known, and the loss of this example is ${short(now(s).loss)}.`;
  if (s.at === L) return `Layer ${L}, the output: δ is the slope of the loss times ${slope}.`;
  if (s.at) {
    const above = s.t.sizes[s.at + 1];
    return `Layer ${s.at}: every unit adds up what comes back from ${above > 1 ? `all ${above} units` : "the one unit"} `
      + `of layer ${s.at + 1}, then multiplies by ${slope}.`;
  }
  const same = s.t.updated.apart < 1e-12 ? "The new weights are the same with either sign." : "";
  return `The update, ${s.sign === "modern" ? "w − η · ∂L/∂w" : "w + η · δ · o, as in the notes"}, with η = ${short(s.t.rate)}. `
    + `Choose a weight to see it move. ${same}`;
}

const waiting = () => aside("Its δ has not arrived yet: press Next.");

function explainUnit(s, [layer, i]) {
  const A = now(s).A[layer][i], me = number(s, layer, i), d = () => symbol("δ", layer, me);
  if (layer === 0) return [line(symbol("A", 0, me), " = ", value(A), ", an input. No δ is needed here.")];
  const lines = [line(symbol("A", layer, me), " = h(", symbol("Z", layer, me), ") = h(", value(now(s).Z[layer][i]), ") = ", value(A))];
  if (!known(s, layer)) return [...lines, waiting()];
  const slope = now(s).slope[layer][i], delta = signal(back(s).delta[layer][i]);
  if (slope === null) return [...lines, line("A softmax mixes its outputs, so no unit has a slope of its own: ", d(), " = ", delta)];
  const parts = layer === last(s) ? outputSlope(s, i) : downstream(s, layer, i);
  return [...lines, line(d(), " = ", ...parts, " · h′"), layer < last(s) ? bars(s, layer, i) : null,
    line(d(), " = ", signal(back(s).dA[layer][i]), " · ", value(slope), " = ", delta),
    aside(`h′ = ${s.t.slopes[layer]}`)];
}

// What each downstream unit sends back, as bars from a common zero.
function bars(s, layer, i) {
  const parts = s.t.shown[layer + 1].map((_, m) => [[`unit ${number(s, layer + 1, m)}: `, value(s.t.W[layer + 1][i][m]),
    " · ", signal(back(s).delta[layer + 1][m])], back(s).paths[layer][i][m]]);
  if (unseen(s, layer + 1)) parts.push([[`the other ${unseen(s, layer + 1)} units`], back(s).rest[layer][i]]);
  parts.push([[html("b", {}, "sum")], back(s).dA[layer][i]]);
  const longest = Math.max(...parts.map(([, x]) => Math.abs(x)), 1e-300);
  return html("table", { class: "bars" }, parts.map(([words, x]) => html("tr", {}, html("td", {}, ...words),
    html("td", {}, signal(x)), html("td", { class: "track" }, html("span", { class: x < 0 ? "negative" : "",
      style: `width:${(48 * Math.abs(x)) / longest}%;${x < 0 ? "right" : "left"}:50%` })))));
}

// From the loss to delta of one unit: [letters, number, a name to recognise it by].
function factors(s, layer, i) {
  const slope = now(s).slope[layer][i];
  if (slope === null) return [[[symbol("δ", layer, number(s, layer, i))], signal(back(s).delta[layer][i]), `d${layer}.${i}`]];
  const own = [["h′(", symbol("Z", layer, number(s, layer, i)), ")"], value(slope), `h${layer}.${i}`];
  if (layer === last(s)) return [[outputSlope(s, i), signal(back(s).dA[layer][i]), `L${i}`], own];
  if (s.t.sizes[layer + 1] === 1) {
    return [...factors(s, layer + 1, 0), [[weightSymbol(s, layer + 1, i, 0)], value(s.t.W[layer + 1][i][0]), `W${layer + 1}.${i}`], own];
  }
  return [[downstream(s, layer, i), signal(back(s).dA[layer][i]), `S${layer}.${i}`], own];
}

function explainWeight(s, [layer, i], j) {
  const bias = j < 0, at = (matrices, vectors) => (bias ? vectors[layer][i] : matrices[layer][j][i]);
  const name = () => (bias ? symbol("b", layer, number(s, layer, i)) : weightSymbol(s, layer, j, i));
  const below = () => (bias ? "1" : symbol("A", layer - 1, number(s, layer - 1, j)));
  const { t } = s, lines = [line(name(), " = ", value(at(t.W, t.b)))];
  if (!known(s, layer)) return [...lines, waiting()];
  const A = value(bias ? 1 : now(s).A[layer - 1][j]), delta = back(s).delta;
  const mine = signal(at(back(s).product, delta)), gradient = () => [`${minus(s)}∂L/∂`, name()];
  lines.push(line(...gradient(), " = ", symbol("δ", layer, number(s, layer, i)), " · ", below(), " = ",
    signal(delta[layer][i]), " · ", A, " = ", mine));
  lines.push(...tape(s, [...factors(s, layer, i), [[below()], A.cloneNode(true), `A${layer}.${j}`]], mine.cloneNode(true)));
  const whole = () => signal(at(t.gradients[s.sign].W, t.gradients[s.sign].b));
  if (t.frames.length > 1) {
    const others = bias ? [] : [`, the other ${t.frames.length - 1} together: `, signal(back(s).others[layer][j][i])];
    lines.push(line(`Example ${s.n + 1}: `, mine.cloneNode(true), ...others, ". The batch adds them up: ", whole()));
  }
  if (s.at === 0) {
    lines.push(line("New: ", value(at(t.W, t.b)), s.sign === "modern" ? " − " : " + ", `${short(t.rate)} · `, whole(), " = ",
      html("b", {}, short(at(t.updated[s.sign].W, t.updated[s.sign].b)))));
  }
  return lines;
}

// The factors in a row; those that the weight before also had are marked.
function tape(s, chips, product) {
  const old = chips.map(([, , key]) => s.kept.before.includes(key)), shared = old.filter(Boolean).length;
  s.kept.latest = chips.map(([, , key]) => key);
  const row = html("div", { class: "tape" }, chips.flatMap(([letters, x], k) => [k ? html("span", {}, "·") : null,
    html("span", { class: old[k] ? "chip kept" : "chip" }, html("span", {}, ...letters), x)]), html("span", {}, "= ", product));
  return [aside("From the loss to the weight, factor by factor:"), row, shared && shared < chips.length
    ? aside(`Underlined: ${shared} of ${chips.length} factors were also in the weight before. Compute them once.`) : null];
}

// The matrix form of one layer, the row of the chosen unit lit.
function matrix(s, layer, choose) {
  if (!known(s, layer)) return [];
  const { t } = s, output = layer === last(s), above = layer + 1, cell = (x) => html("td", {}, x);
  const head = (...words) => html("th", { scope: "col" }, ...words), d = () => symbol("δ", layer);
  const caption = output ? [d(), " = ", ...outputSlope(s), " ∘ h′(", symbol("Z", layer), ")"]
    : [d(), " = (", symbol("δ", above), " ", symbol("W", above), html("sup", {}, "T"), ") ∘ h′(", symbol("Z", layer), ")"];
  const rest = !output && unseen(s, above) > 0;
  const heads = output ? [head("value"), head("target"), head(...outputSlope(s))]
    : [...t.shown[above].map((_, m) => head(symbol("δ", above, number(s, above, m)), html("br"), signal(back(s).delta[above][m]))),
      rest ? head("others") : null, head("sum")];
  const cells = (i) => (output ? [cell(value(now(s).A[layer][i])), cell(short(now(s).y[i]))]
    : [...t.W[above][i].map((w) => cell(value(w))), rest ? cell(signal(back(s).rest[layer][i])) : null]);
  const row = (_, i) => html("tr", { class: s.unit && s.unit[0] === layer && s.unit[1] === i ? "lit" : "", onclick: () => choose([layer, i]) },
    html("th", { scope: "row" }, `${number(s, layer, i)}`), ...cells(i), cell(signal(back(s).dA[layer][i])),
    cell(now(s).slope[layer][i] === null ? "–" : value(now(s).slope[layer][i])), cell(signal(back(s).delta[layer][i])));
  return [html("table", { class: "matrix" }, html("caption", {}, ...caption),
    html("thead", {}, html("tr", {}, head("unit"), ...heads, head("h′"), head(d()))),
    html("tbody", {}, t.shown[layer].map(row)))];
}
