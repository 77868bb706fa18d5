"""Which layers of a model there are operators for; the others are counted, and refused where they would run."""

from bankside.arch.spec import ConfigError
from bankside.kernels.models import Dense, Heads, Layer, Mla, Model, Moe
from bankside.kernels.models.activations import GATED
from bankside.kernels.operators import FUNCTIONS


def runnable(model: Model, index: int) -> tuple[Heads | Mla, Dense | Moe]:
    """The two parts of layer `index` of `model`.

    Raises
    ------
    ConfigError
        One of them has no operators yet.
    """
    layer = model.layers[index]
    mixer, part = layer.mixer, layer.feed_forward
    lacking = [*_mixer(layer), *_feed_forward(layer)]
    if lacking or not isinstance(mixer, Heads | Mla) or not isinstance(part, Dense | Moe):
        what = ", ".join(lacking) or f"attention of kind {layer.kinds[0]} with {layer.kinds[1]} feed-forward"
        raise ConfigError(
            [f"Layer {index} of {model.name} has {what}, which is counted but cannot be run yet."]
        )
    return mixer, part


def whole(model: Model) -> None:
    """Refuse a model with weights outside its layers that no operator reads.

    Raises
    ------
    ConfigError
        There are such weights: tables of a layer's own, projections of a narrower embedding, mixes of streams.
    """
    names = [weight.name for weight in (*model.outside, *model.head.inner)]
    if names:
        sentence = f"Model {model.name} has weights outside its layers ({', '.join(names)})"
        raise ConfigError([f"{sentence}, which are counted but cannot be run yet; its layers may run."])


def _mixer(layer: Layer) -> list[str]:
    found = ["cross-attention"] if layer.cross is not None else []
    if isinstance(mixer := layer.mixer, Heads):
        lacking = {
            "an indexer of keys": mixer.indexer is not None,
            "gated attention": mixer.gate != "",
            "keys, values or a cache of another layer": not (
                mixer.own_keys and mixer.own_values and mixer.cached
            ),
            "a norm of queries with a gain for every head": mixer.qk_norm == "heads" or mixer.norm_rows != 1,
        }
    elif isinstance(mixer, Mla):
        lacking = {"sparse attention": mixer.sparse, "gated attention": mixer.gate}
    else:
        return found
    return found + [name for name, there in lacking.items() if there]


def _feed_forward(layer: Layer) -> list[str]:
    part = layer.feed_forward
    found = ["weights beside its parts"] if layer.extra else []
    if part is None:
        return found
    known = GATED if part.gated else FUNCTIONS
    if part.activation not in known:
        found.append(f"the activation {part.activation}")
    if isinstance(part, Moe):
        lacking = {
            "experts without gates": not part.gated,
            "a weighed shared expert": part.shared_gate,
            "experts in a latent space": part.latent > 0,
            "a dense part beside its mixture": part.beside is not None,
            "a router with norms of its own": part.extra != (),
        }
        found += [name for name, there in lacking.items() if there]
    return found
