"""What the class names of a config.json say: which head stands on the model, and whose code it is."""

import re
from typing import Any, Final

from bankside.kernels.models.head import Head
from bankside.kernels.models.reader import Reader, told
from bankside.kernels.models.weight import Weight

_CAUSAL: Final = ("ForCausalLM", "LMHeadModel", "LMHeadCustomModel", "ForConditionalGeneration", "LMHead")
_SCORES: Final[dict[str, tuple[int, bool]]] = {  # labels where none are named, bias
    "ForSequenceClassification": (2, False),
    "ForTokenClassification": (2, True),
    "ForQuestionAnswering": (0, True),
    "ForRewardModel": (1, False),
}
_CLASS: Final = re.compile(
    rf"(?P<code>.*?)(?P<ending>{'|'.join((*_CAUSAL, *_SCORES))}|ForMaskedLM|ForPreTraining|EncoderModel|Model)"
)


def ending(reader: Reader, default: str) -> str:
    """The part of the first class name that says which head there is ("ForCausalLM", "Model")."""
    named: Any = reader.raw("architectures")
    if named is None or named == []:
        return default
    first = named[0] if isinstance(named, list) else named
    found = _CLASS.fullmatch(first) if isinstance(first, str) else None
    if found is None:
        reader.fail("architectures", f"is {told(named)}, which does not say what head there is")
        return default
    return found["ending"]


# What may stand between a family's name and the ending of a class of its: a number, or a known kind of it.
_KINDS: Final = r"(?:[A-Za-z]?\d[\d_]*|Moe|VL|Next|Linear|Dsa|Lite|Shared|Hybrid|Sparse|Text)*"
_ENDINGS: Final = r"(?:Config|PreTrainedModel|Model|For\w+|LMHead\w*)"


def own_code(reader: Reader, *families: str) -> None:
    """Remember a problem where `auto_map` names code of classes that are not called like those of `families`."""
    known = re.compile(rf"(?:{'|'.join(map(re.escape, families))}){_KINDS}{_ENDINGS}", re.IGNORECASE)
    for kind, named in reader.mapping("auto_map").items():
        for each in named if isinstance(named, list) else [named]:
            if each is None or "token" in kind.lower():
                continue
            name = each.rsplit(".", 1)[-1] if isinstance(each, str) else ""
            if not known.fullmatch(name):
                reader.fail("auto_map", f"names {told(each)}, code of its own that may be a model of its own")
                return


def decoder_head(reader: Reader, vocab: int, tied: bool, bias: bool = False) -> Head:
    """The head of a decoder: words, labels or nothing."""
    end = ending(reader, "ForCausalLM")
    if end in _CAUSAL:
        return Head("causal", vocab, tied, bias)
    if end in _SCORES:
        return Head("classifier", labels(reader, end), bias=_SCORES[end][1])
    if end != "Model":
        reader.fail("architectures", f"says {end}, which is not modelled on a decoder")
    return Head("embedder")


def encoder_head(reader: Reader, hidden: int, masked: tuple[Weight, ...], pooler: tuple[Weight, ...]) -> Head:
    """The head of an encoder: labels behind the pooler, or nothing; what is told apart comes in."""
    end = ending(reader, "Model")
    reader.skip("tie_word_embeddings")
    if end == "ForMaskedLM":
        return Head("encoder", apart=masked)
    if end == "ForPreTraining":
        reader.fail("architectures", "says ForPreTraining, whose two heads are not modelled")
    if end in _CAUSAL:
        reader.fail("architectures", f"says {end}, a decoder, but this family is read as an encoder")
    if end in _SCORES:
        inner = pooler if end == "ForSequenceClassification" else ()
        return Head("classifier", labels(reader, end), bias=True, inner=inner)
    return Head("encoder", apart=pooler)


def labels(reader: Reader, end: str) -> int:
    """How many labels a classifier tells apart."""
    if end == "ForQuestionAnswering":
        return 2  # first and last word of the answer
    named = reader.raw("id2label")
    count = len(named) if isinstance(named, dict) and named else _SCORES[end][0]
    return reader.integer("num_labels", default=count)
