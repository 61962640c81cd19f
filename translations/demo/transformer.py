"""A small pre-norm Transformer, its weights named as in CTranslate2's `TransformerSpec`.

Exporting it therefore means setting each weight under its own name. PyTorch is loaded by name because the
house forbids importing it: no part of the installed project may ever need it. Only the trainer uses this.
"""

import importlib
import math
from typing import Any

torch: Any = importlib.import_module("torch")
F: Any = importlib.import_module("torch.nn.functional")

DEPTH, HEADS, INNER, ENCODERS, DECODERS = 96, 4, 192, 2, 1
DROPOUT = 0.1

Weights = dict[str, Any]


def initial_weights(vocabulary: int) -> Weights:
    """Fresh weights by CTranslate2's names. One matrix serves both sides' embeddings and the projection."""
    shapes: dict[str, tuple[int, ...]] = {
        "decoder/embeddings/weight": (vocabulary, DEPTH),
        "decoder/projection/bias": (vocabulary,),
    }
    for side, layers in (("encoder", ENCODERS), ("decoder", DECODERS)):
        norms = [f"{side}/layer_norm"]
        for layer in (f"{side}/layer_{number}" for number in range(layers)):
            linears = {
                "self_attention/linear_0": (3 * DEPTH, DEPTH),
                "self_attention/linear_1": (DEPTH, DEPTH),
            }
            if side == "decoder":
                linears |= {"attention/linear_0": (DEPTH, DEPTH), "attention/linear_1": (2 * DEPTH, DEPTH)}
                linears |= {"attention/linear_2": (DEPTH, DEPTH)}
            linears |= {"ffn/linear_0": (INNER, DEPTH), "ffn/linear_1": (DEPTH, INNER)}
            norms += sorted({f"{layer}/{linear.split('/')[0]}/layer_norm" for linear in linears})
            for linear, shape in linears.items():
                shapes |= {f"{layer}/{linear}/weight": shape, f"{layer}/{linear}/bias": shape[:1]}
        for norm in norms:
            shapes |= {f"{norm}/gamma": (DEPTH,), f"{norm}/beta": (DEPTH,)}
    return {name: _fresh(name, shape).requires_grad_() for name, shape in shapes.items()}


def _fresh(name: str, shape: tuple[int, ...]) -> Any:
    if name.endswith("embeddings/weight"):
        return torch.randn(shape) * DEPTH**-0.5
    if len(shape) == 2:
        return torch.nn.init.xavier_uniform_(torch.empty(shape))
    return torch.ones(shape) if name.endswith("gamma") else torch.zeros(shape)


def logits(weights: Weights, source: Any, target: Any, wanted: Any) -> Any:
    """What the decoder expects after each `wanted` piece of `target`, having read `source`."""
    seen = (source >= 0)[:, None, None, :]
    past = torch.ones(target.shape[1], target.shape[1], dtype=torch.bool).tril()
    memory = embedded(weights, source)
    for number in range(ENCODERS):
        layer = f"encoder/layer_{number}"
        memory = memory + attention(weights, f"{layer}/self_attention", memory, None, seen)
        memory = memory + feed_forward(weights, f"{layer}/ffn", memory)
    memory = norm(weights, "encoder/layer_norm", memory)
    state = embedded(weights, target)
    for number in range(DECODERS):
        layer = f"decoder/layer_{number}"
        state = state + attention(weights, f"{layer}/self_attention", state, None, past)
        state = state + attention(weights, f"{layer}/attention", state, memory, seen)
        state = state + feed_forward(weights, f"{layer}/ffn", state)
    state = norm(weights, "decoder/layer_norm", state)
    return F.linear(state[wanted], weights["decoder/embeddings/weight"], weights["decoder/projection/bias"])


def embedded(weights: Weights, ids: Any) -> Any:
    vectors = F.embedding(ids.clamp(min=0), weights["decoder/embeddings/weight"]) * math.sqrt(DEPTH)
    return F.dropout(vectors + positions(ids.shape[1]), DROPOUT)


def positions(length: int) -> Any:
    """CTranslate2's own position encodings: sines, then cosines, counted from 1."""
    half = DEPTH // 2
    pace = torch.exp(torch.arange(half) * -(math.log(10000) / (half - 1)))
    angles = torch.arange(1, length + 1)[:, None] * pace[None, :]
    return torch.cat([angles.sin(), angles.cos()], dim=1)


def attention(weights: Weights, name: str, state: Any, memory: Any, mask: Any) -> Any:
    """Attention to itself, or to `memory` when there is one, with projections fused as in the spec."""
    normed = norm(weights, f"{name}/layer_norm", state)
    if memory is None:
        parts = linear(weights, f"{name}/linear_0", normed).chunk(3, dim=-1)
    else:
        keys_and_values = linear(weights, f"{name}/linear_1", memory).chunk(2, dim=-1)
        parts = (linear(weights, f"{name}/linear_0", normed), *keys_and_values)
    queries, keys, values = (part.unflatten(-1, (HEADS, -1)).transpose(1, 2) for part in parts)
    scores = queries @ keys.transpose(2, 3) / math.sqrt(DEPTH // HEADS)
    shares = scores.masked_fill(~mask, -1e9).softmax(-1)
    mixed = (shares @ values).transpose(1, 2).flatten(2)
    return F.dropout(linear(weights, f"{name}/linear_{1 if memory is None else 2}", mixed), DROPOUT)


def feed_forward(weights: Weights, name: str, state: Any) -> Any:
    inner = F.relu(linear(weights, f"{name}/linear_0", norm(weights, f"{name}/layer_norm", state)))
    return F.dropout(linear(weights, f"{name}/linear_1", inner), DROPOUT)


def norm(weights: Weights, name: str, state: Any) -> Any:
    return F.layer_norm(state, (DEPTH,), weights[f"{name}/gamma"], weights[f"{name}/beta"])


def linear(weights: Weights, name: str, state: Any) -> Any:
    return F.linear(state, weights[f"{name}/weight"], weights[f"{name}/bias"])
