"""The formulas of the five lectures that this course teaches, by id."""

from __future__ import annotations

LECTURES = {
    "U": "UBC CPSC 340",
    "N": "handwritten notes",
    "M": "Michigan EECS 545",
    "L": "LMU I2DL",
    "S": "Stanford CS221",
}

FORMULAS = {
    "U1": r"one hidden layer, $f(w, W) = \frac12 (\sum_c w_c\, h(W_c x) - y)^2$",
    "U2": r"$\frac{\partial f}{\partial w_c} = r\, h(W_c x)$ with $r = \hat y - y$",
    "U3": r"$\frac{\partial f}{\partial W_{cj}} = r\, v_c\, x_j$ with"
    r" $v_c = w_c\, h'(W_c x)$",
    "U4": "forward phase, backward phase: $r$ and $v$ are computed once",
    "U5": r"another loss changes only $r = f'(\hat y)$",
    "U6": r"two hidden layers: $r z^{(2)}_c$, $r v_c z^{(1)}_j$,"
    r" $r\, (v^\top u_c)\, x_j$",
    "U7": r"three hidden layers: $r z^{(3)}_c$, $a_c z^{(2)}_{c'}$,"
    r" $b_c z^{(1)}_{c'}$, $d_c x_j$",
    "U8": "the backward pass in four steps",
    "U9": "the price: backward costs the same order as forward",
    "U10": "several outputs: $w$ becomes a matrix, softmax loss",
    "N1": r"$(f(g(x)))' = f'(g(x))\, g'(x)$",
    "N2": r"three boxes: $e^{(2x+3)^2}$ has the slope $4 (2x+3)\, e^{(2x+3)^2}$",
    "N3": "the perceptron: a weighted sum and a threshold",
    "N4": r"gradient descent, $x \leftarrow x - \eta f'(x)$",
    "N5": r"$\sigma(x) = 1 / (1 + e^{-x})$, $\sigma' = \sigma (1 - \sigma)$",
    "N6": r"the multilayer perceptron; the bias as a column, $[o; 1]$",
    "N7": r"$L(w) = \frac12 \sum_d \lVert y_d - \hat y_d \rVert^2$; full batch,"
    " stochastic, mini-batch",
    "N8": r"output weight: $\delta_j = (y_j - o_j)\, o_j (1 - o_j)$,"
    r" $w_{ji} \mathrel{+}= \eta\, \delta_j o_i$",
    "N9": r"hidden weight: $\delta_j = o_j (1 - o_j) \sum_z \delta_z w_{zj}$",
    "N10": r"least squares in one step: $w = (X^\top X)^{-1} X^\top y$",
    "M1": "neurons: linear, ReLU, sigmoid, tanh, softmax",
    "M2": r"$\tanh z = 2 \sigma(2z) - 1$; softmax generalises $\sigma$",
    "M3": "several logistic regressions feed another; linear layers stay linear",
    "M4": "the training loop",
    "M5": r"Jacobians: $\nabla_x L = (\frac{\partial h}{\partial x})^\top \nabla_h L$",
    "M6": r"one hidden layer with biases, factor by factor, $(\hat y - y)^2$",
    "M7": r"two hidden layers: $\frac{\partial L}{\partial h^1_i} ="
    r" \sum_j f'(z^2_j)\, w^2_{ji}\, \frac{\partial L}{\partial h^2_j}$",
    "M8": r"softmax and cross entropy: $\frac{\partial L}{\partial h_j} = p_j - y_j$",
    "M9": r"the linear layer: $dW = X^\top dZ$, $dX = dZ\, W^\top$,"
    r" $db = \sum_n dZ_n$",
    "M10": r"sigmoid, tanh and ReLU layers, backward",
    "M11": "the local chain rule on a graph, from top to bottom",
    "M12": "trouble: fading gradients, poor starts, too little data",
    "L1": "one step of the XOR network, with all numbers",
    "L2": r"$\frac{\partial L}{\partial W_{11}}$ as five factors; its neighbour shares"
    " four",
    "L3": "caching from the left shares work, from the right nothing",
    "L4": r"$\delta^{(i)}_k = (\sum_m \delta^{(i+1)}_m W^{(i+1)}_{km})\,"
    r" \sigma'(z^{(i)}_{in,k})$",
    "L5": r"$\frac{\partial L}{\partial W_{jk}} = \delta_k\, z_{out,j}$,"
    r" $\frac{\partial L}{\partial b_k} = \delta_k$",
    "L6": "the same by layers, at any depth",
    "S1": r"four layers: $(w \cdot \sigma(V_3\, \sigma(V_2\, \sigma(V_1 \phi)))"
    r" - y)^2$",
    "S2": "the computation graph of an expression",
    "S3": r"boxes: $(a + \epsilon)\, b = c + b\, \epsilon$",
    "S4": "building blocks and their local gradients",
    "S5": r"composition: $(2b)(2a) = 4a^3$",
    "S6": r"the hinge loss, $\max(1 - (w \cdot \phi)\, y, 0)$",
    "S7": r"two layers: $\nabla_V = 2 r\, (w \odot h \odot (1 - h))\, \phi^\top$",
    "S8": "forward values $f_i$, backward values $g_i$",
    "S9": "linear predictors are convex problems, networks are not",
    "S10": "how to train anyway: initialisation, width, AdaGrad, Adam",
}
